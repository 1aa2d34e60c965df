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
from PIL import Image, PngImagePlugin

from sharpcli.errors import PictureError
from sharpcli.image.codecs.base import Stored, copy_parts, held, lies_plainly
from sharpcli.image.codecs.pillow import TRANSPARENT, by_pillow, header, refuse_several, told
from sharpcli.image.image import Picture
from sharpcli.image.metadata import Metadata
from sharpcli.image.scratch import Scratch

CHANNELS = {0: "L", 2: "RGB", 4: "LA", 6: "RGBA"}  # a PNG's colour types
KEPT_CHUNKS = (b"gAMA", b"cHRM", b"sRGB", b"cICP")
UNDERSTOOD = (b"IHDR", b"iCCP", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"tEXt", b"zTXt", b"iTXt", b"eXIf")
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
RAW_PROFILE = "Raw profile"

PNG_START = 33  # bytes of a PNG's signature and header chunk


def png(file: BinaryIO) -> Stored:
    """The picture of an open PNG; raises PictureError or what Pillow raises."""
    image = header("PNG", file)
    refuse_several(image)
    info, text, chunks = _chunks(file)
    depth, colour = chunks.pop(b"IHDR")[8:10]
    if colour == 0 and depth in (2, 4) and "transparency" in info:
        # Pillow spreads the levels over 0-255, but leaves the transparent one as it was.
        info["transparency"] *= 255 // (2**depth - 1)
    image.info = info
    if colour == 3 and image.palette is None:
        raise PictureError("is damaged or truncated (a PNG without its palette)")
    if depth == 16 or (depth == 8 and colour in CHANNELS):
        mode = CHANNELS[colour]
        mode = TRANSPARENT.get(mode, mode) if "transparency" in info else mode
        orientation, metadata, notes = told(image)
        # The file lies in memory as a whole, and a picture that has to be turned once more.
        needs = os.fstat(file.fileno()).st_size + (
            depth // 8 * len(mode) * image.width * image.height if orientation > 1 else 0
        )
        fill = partial(fill_png, file)
        picture = Stored("PNG", *image.size, mode, depth, needs, fill, orientation, metadata, notes)
    else:
        picture = by_pillow(image, "PNG", file)
    # Exif and XMP in disguise are kept as what they are, IPTC and others in theirs.
    carried = [f"{RAW_PROFILE} type exif", *([f"{RAW_PROFILE} type xmp"] if "xmp" in picture.metadata else [])]
    texts = tuple((key, value) for key, value in text.items() if not key.startswith((*carried, "XML:com.adobe")))
    extra = {"text": texts, "chunks": tuple(chunks.items())}
    picture.metadata.update({key: value for key, value in extra.items() if value})
    return picture


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
                raise PictureError("is damaged or truncated (a PNG without an end)") from error
            if place + length > size:  # before anything makes room for it
                raise PictureError("is damaged or truncated (a chunk of the PNG is longer than the file)")
            if name == b"IEND":
                return stream.im_info, stream.im_text, raw
            if name in (*KEPT_CHUNKS, b"IHDR"):
                raw[name] = file.read(length)
                file.seek(place)
            if name in UNDERSTOOD:
                said = dict(stream.im_info)
                stream.call(name, place, length)
            if name in TEXTS:  # whose key may be "dpi" or "exif", which Pillow then takes for the real one
                for key, value in stream.im_info.copy().items():
                    if isinstance(value, str) and not str(key).startswith(RAW_PROFILE):
                        del stream.im_info[key]
                stream.im_info.update(said)
            file.seek(place + length + 4)


def fill_png(file: BinaryIO, target: NDArray[Any], scratch: Scratch) -> None:
    """Decode a whole PNG file into H x W x C of its depth and channels; raises PictureError or imagecodecs' errors."""
    size = file.seek(0, 2)
    data: Any = scratch.empty((size,), np.uint8)  # imagecodecs takes any buffer, but its types do not say so
    file.seek(0)
    if file.readinto(data) != size:  # type: ignore[attr-defined]
        raise PictureError("changed while it was read")
    whole = target if lies_plainly(target) else scratch.empty(target.shape, target.dtype)
    try:
        imagecodecs.png_decode(data, out=whole[..., 0] if whole.shape[2] == 1 else whole)
    except (imagecodecs.PngError, UnicodeDecodeError) as error:  # in words from memory that libpng had given back
        raise PictureError("is damaged or truncated (its pixels cannot be decoded)") from error
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


def write_png(file: BinaryIO, picture: Picture, metadata: Metadata, scratch: Scratch) -> None:
    """Write pixels by imagecodecs, and before them the metadata that Pillow gives a PNG of one pixel."""
    pixels = png_file(picture.pixels, scratch)
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
    Image.new(picture.mode, (1, 1)).save(small, "PNG", pnginfo=info, **held(metadata, "icc_profile", "exif", "dpi"))
    told = small.getvalue()
    file.write(pixels[:PNG_START])
    file.write(told[PNG_START : told.rindex(b"IDAT") - 4])
    file.write(pixels[PNG_START:])
