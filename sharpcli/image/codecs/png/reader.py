"""Reading PNG files: what their chunks say is read here, their pixels by libpng, which is heard out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import SeveralError, Stored, copy_parts, lies_plainly
from sharpcli.image.codecs.pillow import orientation_and_metadata
from sharpcli.image.codecs.png.chunks import MOST_TRIES, TEXTS, Layout, layout, packed, resources, texts, unpacked
from sharpcli.image.complaints import complain
from sharpcli.image.image import bands
from sharpcli.image.metadata import Metadata
from sharpcli.image.scratch import Scratch

CHANNELS = {0: "L", 2: "RGB", 3: "RGB", 4: "LA", 6: "RGBA"}  # a PNG's colour types
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
PALETTE = 3
COLOR_CHUNKS = (b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"cLLI")
MOST_NAME = 80  # bytes of a profile's name and the zero behind it
STATED = (b"iCCP", b"eXIf", b"pHYs")
JUDGED = (b"PLTE", b"tRNS", b"IDAT", *COLOR_CHUNKS, b"sBIT", b"bKGD", b"pHYs", b"tIME")
"""The chunks that libpng gets; the others have no part in the pixels, and its limits are not for them."""
INCH = 0.0254
END = packed(b"IEND", b"")


def png(file: BinaryIO) -> Stored:
    """The image of an open PNG; raises ImageError, SeveralError where it moves."""
    found = layout(file)
    if moves(file, found):
        raise SeveralError
    return still(file, found)


def still(file: BinaryIO, found: Layout) -> Stored:
    """The image that a PNG shows where nobody knows animations; raises ImageError."""
    width, height, depth, color = _header(file, found)
    mode, clear = CHANNELS[color], _is_clear(found, color)
    if clear:
        mode = {"L": "LA", "RGB": "RGBA"}[mode]
    lies = found.first(b"PLTE") if color == PALETTE else None
    palette = lies.body(file) if lies else b""
    info, more = _stated(file, found)
    bare = PILImage.Image()
    bare.info = info
    orientation, metadata, notes = orientation_and_metadata(bare)
    if orientation > 4 and "aspect" in more:
        more["aspect"] = more["aspect"][::-1]
    metadata.update(more | _carried(file, found, depth, palette))
    if found.broken:
        notes += (f"damaged chunks were left out: {', '.join(dict.fromkeys(found.broken))}",)
    if any(0 < chunk.pixels < found.pixels for chunk in found.chunks if chunk.name != b"IDAT"):
        complain("other chunks lie between those of its pixels")
    if any(chunk.name == b"IHDR" for chunk in found.chunks[1:]):
        complain("it has a second header, and the first counts")
    if found.end < 0:
        notes += ("its end is missing, but all pixels are there",)
    # The file lies in memory as a whole, and an image that has to be turned once more.
    samples = len(mode) * width * height * (2 if depth == 16 else 1)
    needs = file.seek(0, 2) + (samples if orientation > 1 else 0)
    endless = _endless(palette, depth) if palette else (b"", None)
    fill = partial(fill_png, Pixels(file, found, clear, *endless))
    return Stored("PNG", width, height, mode, max(depth, 8), needs, fill, orientation, metadata, notes)


def _header(file: BinaryIO, found: Layout) -> tuple[int, int, int, int]:
    """Width, height, bits and colour type."""
    first = found.chunks[0] if found.chunks else None
    if first is None or first.name != b"IHDR" or first.length != 13:
        raise ImageError("is damaged or truncated (a PNG without its header)")
    header = first.body(file)
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    depth, color = header[8], header[9]
    if depth not in DEPTHS.get(color, ()) or any(header[10:12]) or header[12] > 1:
        raise ImageError("is damaged or truncated (a PNG's header that makes no sense)")
    if found.first(b"IDAT") is None:
        raise ImageError("is damaged or truncated (a PNG without pixels)")
    return width, height, depth, color


def moves(file: BinaryIO, found: Layout) -> bool:
    """Whether it is an animation; one frame that is the image itself moves nothing."""
    control, frame = found.first(b"acTL"), found.first(b"fcTL")
    if not control or control.length != 8 or control.pixels:
        return False
    return int.from_bytes(control.body(file)[:4], "big") > 1 or bool(frame and frame.pixels)


def _is_clear(found: Layout, color: int) -> bool:
    """Whether transparency is told beside the pixels; raises ImageError where their palette is missing."""
    palette, clear = found.first(b"PLTE"), found.first(b"tRNS")
    if color == PALETTE and (palette is None or palette.pixels or palette.length % 3 or not 3 <= palette.length <= 768):
        raise ImageError("is damaged or truncated (a PNG without its palette)")
    if clear is None:
        return False
    most = palette.length // 3 if palette else 0
    fits = {0: clear.length == 2, 2: clear.length == 6, PALETTE: 0 < clear.length <= most}
    early = color == PALETTE and palette is not None and clear.place < palette.place
    if fits.get(color) and not clear.pixels and not early:
        return True
    complain("its chunk tRNS is damaged or out of place and was left out")
    return False


def _stated(file: BinaryIO, found: Layout) -> tuple[dict[Any, Any], Metadata]:
    """What Pillow has words for, and what else other formats may take."""
    info: dict[Any, Any] = {}
    others: list[tuple[bytes, bytes]] = []
    for name, body, disguised in texts(file, found):
        if disguised:
            info.setdefault(*disguised)
        else:
            others.append((name, body))
    more: Metadata = {"text": tuple(others)} if others else {}
    if found_resources := b"".join(resources(*one) for one in others[:MOST_TRIES]):
        more["photoshop"] = found_resources
    for chunk in found.chunks:
        body = chunk.body(file) if chunk.name in STATED else b""
        if chunk.name == b"eXIf":
            info["exif"] = body
        elif chunk.name == b"iCCP":
            info.setdefault("icc_profile", _profile(body))
            name = body.partition(b"\0")[0]
            if 0 < len(name) < MOST_NAME:
                more.setdefault("icc_name", name)
        elif chunk.name == b"pHYs" and chunk.length == 9:
            across, down = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
            if body[8] == 1:
                info["dpi"] = across * INCH, down * INCH
            elif across and down:
                more["aspect"] = (across, down)
    return info, more


def _carried(file: BinaryIO, found: Layout, depth: int, palette: bytes) -> Metadata:
    """The chunks that only a PNG has: those about colours, and others that stay true of other pixels."""
    colors: dict[bytes, bytes] = {}
    others: list[tuple[bytes, bytes]] = []
    for chunk in found.chunks:
        name = chunk.name
        if name in COLOR_CHUNKS:
            colors.setdefault(name, chunk.body(file))
        elif name == b"bKGD":
            others.append((name, _background(chunk.body(file), depth, palette)))
        elif name == b"tIME" or (name[3:4].islower() and name[:1].islower() and name not in (*STATED, *TEXTS)):
            others.append((name, chunk.body(file)))  # true as before, or safe to copy by its name
    kept = {"chunks": tuple(colors.items()), "png": tuple(others)}
    return {key: value for key, value in kept.items() if value}


def _background(body: bytes, depth: int, palette: bytes) -> bytes:
    """A bKGD chunk of pixels with 8 or 16 bits and without a palette."""
    if palette:
        return b"".join(bytes([0, level]) for level in palette[body[0] * 3 : body[0] * 3 + 3]) if body else b""
    peak = 2**depth - 1
    return (int.from_bytes(body, "big") * 255 // peak).to_bytes(8, "big")[-2:] if depth < 8 else body


def _profile(body: bytes) -> bytes:
    profile = unpacked(body.partition(b"\0")[2][1:])
    if profile is None:
        raise ImageError("is damaged or truncated (its colour profile cannot be unpacked, or is more than 16 MB)")
    if int.from_bytes(profile[:4], "big") != len(profile) or profile[36:40] != b"acsp":
        complain("its colour profile says another length or is none")
    return profile


@dataclass(frozen=True)
class Pixels:
    """What libpng needs to decode a PNG: its file's chunks, whether its tRNS counts, a palette without an end."""

    file: BinaryIO
    found: Layout
    clear: bool
    palette: bytes = b""
    spare: int | None = None

    def stream(self) -> Iterator[tuple[int, int] | bytes]:
        """Places in the file, and bytes that stand for others, in their order."""
        yield 0, self.found.chunks[0].span[1]
        for chunk in self.found.chunks[1:]:
            if chunk.name == b"PLTE" and self.palette:
                yield packed(b"PLTE", self.palette)
            elif chunk.name == b"tRNS" and not self.clear:
                continue
            elif chunk.name == b"IDAT" or (chunk.name in JUDGED and not 0 < chunk.pixels < self.found.pixels):
                yield chunk.span
        yield END


def _endless(palette: bytes, depth: int) -> tuple[bytes, int | None]:
    """The palette with a colour for each index that it lacks, and the red that no other colour has."""
    lacks = 2**depth - len(palette) // 3
    if lacks <= 0:
        return b"", None
    red = min({*range(256)} - {*palette[::3]})
    return palette + bytes((red, 0, 0)) * lacks, red


def fill_png(pixels: Pixels, target: NDArray[Any], scratch: Scratch) -> None:
    """Decode a PNG's pixels into H x W x C of its depth and channels; raises ImageError."""
    pieces = list(pixels.stream())
    size = sum(len(piece) if isinstance(piece, bytes) else piece[1] - piece[0] for piece in pieces)
    data: Any = scratch.empty((size,), np.uint8)  # imagecodecs takes any buffer, but its types do not say so
    place = 0
    for piece in pieces:
        if isinstance(piece, bytes):
            data[place : place + len(piece)] = np.frombuffer(piece, np.uint8)
            place += len(piece)
            continue
        length = piece[1] - piece[0]
        pixels.file.seek(piece[0])
        if pixels.file.readinto(data[place : place + length]) != length:  # type: ignore[attr-defined]
            raise ImageError("changed while it was read")
        place += length
    whole = target if lies_plainly(target) else scratch.zeros(target.shape, target.dtype)
    try:
        imagecodecs.png_decode(data, out=whole[..., 0] if whole.shape[2] == 1 else whole)
    except (imagecodecs.PngError, UnicodeDecodeError) as error:  # in words from memory that libpng had given back
        raise ImageError("is damaged or truncated (its pixels cannot be decoded)") from error
    if pixels.spare is not None:
        _blacken(whole, pixels.spare)
    if whole is not target:
        copy_parts(whole, target, scratch)


def _blacken(pixels: NDArray[Any], red: int) -> None:
    for rows in bands(*pixels.shape[:2]):
        strange = pixels[rows, :, 0] == red
        if strange.any():
            complain("pixels of colours that its palette lacks are black")
            pixels[rows, :, 0][strange] = 0
