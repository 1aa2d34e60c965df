"""PNG files: Pillow tells what their chunks say, and decodes palettes and fewer bits than 8; libpng does the rest."""

from __future__ import annotations

import io
import os
import struct
from functools import partial
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import PngImagePlugin

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import Stored, copy_parts, held, lies_plainly
from sharpcli.image.codecs.pillow import TRANSPARENT, by_pillow, header, orientation_and_metadata, refuse_several
from sharpcli.image.image import Image
from sharpcli.image.metadata import Metadata
from sharpcli.image.scratch import Scratch

CHANNELS = {0: "L", 2: "RGB", 4: "LA", 6: "RGBA"}  # a PNG's colour types
KEPT_CHUNKS = (b"gAMA", b"cHRM", b"sRGB", b"cICP")
UNDERSTOOD = (b"IHDR", b"iCCP", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"tEXt", b"zTXt", b"iTXt", b"eXIf")
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
RAW_PROFILE = "Raw profile"

PNG_START = 33  # bytes of a PNG's signature and header chunk


def png(file: BinaryIO) -> Stored:
    """The image of an open PNG; raises ImageError or what Pillow raises."""
    pil_image = header("PNG", file)
    refuse_several(pil_image)
    info, text, chunks = _chunks(file)
    depth, color = chunks.pop(b"IHDR")[8:10]
    if color == 0 and depth in (2, 4) and "transparency" in info:
        # Pillow spreads the levels over 0-255, but leaves the transparent one as it was.
        info["transparency"] *= 255 // (2**depth - 1)
    pil_image.info = info
    if color == 3 and pil_image.palette is None:
        raise ImageError("is damaged or truncated (a PNG without its palette)")
    if depth == 16 or (depth == 8 and color in CHANNELS):
        mode = CHANNELS[color]
        mode = TRANSPARENT.get(mode, mode) if "transparency" in info else mode
        orientation, metadata, notes = orientation_and_metadata(pil_image)
        # The file lies in memory as a whole, and an image that has to be turned once more.
        needs = os.fstat(file.fileno()).st_size + (
            depth // 8 * len(mode) * pil_image.width * pil_image.height if orientation > 1 else 0
        )
        fill = partial(fill_png, file)
        image = Stored("PNG", *pil_image.size, mode, depth, needs, fill, orientation, metadata, notes)
    else:
        image = by_pillow(pil_image, "PNG", file)
    # Exif and XMP in disguise are kept as what they are, IPTC and others in theirs.
    carried = [f"{RAW_PROFILE} type exif", *([f"{RAW_PROFILE} type xmp"] if "xmp" in image.metadata else [])]
    texts = tuple((key, value) for key, value in text.items() if not key.startswith((*carried, "XML:com.adobe")))
    extra = {"text": texts, "chunks": tuple(chunks.items())}
    image.metadata.update({key: value for key, value in extra.items() if value})
    return image


def _chunks(file: BinaryIO) -> tuple[dict[Any, Any], dict[str, Any], dict[bytes, bytes]]:
    """What a PNG's chunks say, those behind the pixels too, as Pillow reads them: its info, texts, and raw chunks."""
    raw: dict[bytes, bytes] = {}
    size = os.fstat(file.fileno()).st_size
    file.seek(8)
    with PngImagePlugin.PngStream(file) as stream:
        while True:
            try:
                name, place, length = stream.read()
            except (struct.error, SyntaxError) as error:
                raise ImageError("is damaged or truncated (a PNG without an end)") from error
            if place + length > size:  # before anything makes room for it
                raise ImageError("is damaged or truncated (a chunk of the PNG is longer than the file)")
            if name == b"IEND":
                return stream.im_info, stream.im_text, raw
            if name in (*KEPT_CHUNKS, b"IHDR"):
                raw[name] = file.read(length)
                file.seek(place)
            if name in UNDERSTOOD:
                earlier = dict(stream.im_info)
                stream.call(name, place, length)
            if name in TEXTS:  # whose key may be "dpi" or "exif", which Pillow then takes for the real one
                for key, value in stream.im_info.copy().items():
                    if isinstance(value, str) and not str(key).startswith(RAW_PROFILE):
                        del stream.im_info[key]
                stream.im_info.update(earlier)
            file.seek(place + length + 4)


def fill_png(file: BinaryIO, target: NDArray[Any], scratch: Scratch) -> None:
    """Decode a whole PNG file into H x W x C of its depth and channels; raises ImageError or imagecodecs' errors."""
    size = file.seek(0, 2)
    data: Any = scratch.empty((size,), np.uint8)  # imagecodecs takes any buffer, but its types do not say so
    file.seek(0)
    if file.readinto(data) != size:  # type: ignore[attr-defined]
        raise ImageError("changed while it was read")
    whole = target if lies_plainly(target) else scratch.zeros(target.shape, target.dtype)
    try:
        imagecodecs.png_decode(data, out=whole[..., 0] if whole.shape[2] == 1 else whole)
    except (imagecodecs.PngError, UnicodeDecodeError) as error:  # in words from memory that libpng had given back
        raise ImageError("is damaged or truncated (its pixels cannot be decoded)") from error
    if whole is not target:
        copy_parts(whole, target, scratch)


def png_file(pixels: NDArray[Any], scratch: Scratch) -> memoryview:
    """The PNG file of uint8 or uint16 H x W x C, without metadata."""
    room: Any = scratch.empty((pixels.nbytes + pixels.nbytes // 512 + pixels.shape[0] + 65536,), np.uint8)
    if not lies_plainly(pixels):
        sliced, pixels = pixels, scratch.empty(pixels.shape, pixels.dtype)
        copy_parts(sliced, pixels, scratch)
    encoded = imagecodecs.png_encode(
        pixels[..., 0] if pixels.shape[2] == 1 else pixels,
        level=1,
        strategy=imagecodecs.PNG.STRATEGY.RLE,
        filter=imagecodecs.PNG.FILTER.PAETH,
        out=room,
    )
    return memoryview(encoded)


def write_png(file: BinaryIO, image: Image, metadata: Metadata, scratch: Scratch) -> None:
    """Write pixels by imagecodecs, and before them the metadata that Pillow gives a PNG of one pixel."""
    pixels = png_file(image.pixels, scratch)
    info = PngImagePlugin.PngInfo()
    for name, body in metadata.get("chunks", ()):
        info.add(name, body)
    for key, value in metadata.get("text", ()):
        info.add_text(key, value)
    if "xmp" in metadata:
        info.add_itxt("XML:com.adobe.xmp", metadata["xmp"])
    if "comment" in metadata:
        info.add_text("Comment", metadata["comment"].decode("utf-8", "replace"))
    small = io.BytesIO()
    PILImage.new(image.mode, (1, 1)).save(small, "PNG", pnginfo=info, **held(metadata, "icc_profile", "exif", "dpi"))
    encoded = small.getvalue()
    file.write(pixels[:PNG_START])
    file.write(encoded[PNG_START : encoded.rindex(b"IDAT") - 4])
    file.write(pixels[PNG_START:])
