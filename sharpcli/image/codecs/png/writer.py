"""Writing PNG files: the pixels by libpng, before them the chunks, byte for byte where they came from a PNG."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from sharpcli.image.codecs.base import copy_parts, in_integers, lies_plainly
from sharpcli.image.codecs.png.chunks import RESOURCE_KEYS, keyword, packed, resources_text
from sharpcli.image.image import Image
from sharpcli.image.metadata import Metadata
from sharpcli.image.scratch import Scratch
from sharpcli.image.tags.exif import MARK as EXIF_MARK

START = 33  # bytes of a PNG's signature and header chunk
INCH = 0.0254


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
    """Write a PNG of the image's depth and channels; raises OSError."""
    pixels = png_file(image.pixels, scratch)
    file.write(pixels[:START])
    for name, body in head(metadata, image.mode):
        file.write(packed(name, body))
    file.write(pixels[START:])


def head(metadata: Metadata, mode: str) -> Iterator[tuple[bytes, bytes]]:
    """The chunks between the header and the pixels, in an order that the standard allows."""
    if "icc_profile" in metadata:
        yield b"iCCP", metadata.get("icc_name", b"ICC Profile") + b"\0\0" + zlib.compress(metadata["icc_profile"])
    yield from metadata.get("chunks", ())
    yield from metadata.get("text", ())
    if "photoshop" in metadata and not any(keyword(body) in RESOURCE_KEYS for _, body in metadata.get("text", ())):
        yield resources_text(metadata["photoshop"])
    if "xmp" in metadata:
        yield b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata["xmp"]
    yield from map(_comment, metadata.get("comments", ()))
    if "dpi" in metadata:
        across, down = (min(int(dpi / INCH + 0.5), (1 << 31) - 1) for dpi in metadata["dpi"])
        yield b"pHYs", across.to_bytes(4, "big") + down.to_bytes(4, "big") + b"\1"
    elif "aspect" in metadata:
        across, down = in_integers(metadata["aspect"])
        yield b"pHYs", across.to_bytes(4, "big") + down.to_bytes(4, "big") + b"\0"
    background = {"L": 2, "LA": 2}.get(mode, 6)
    for name, body in metadata.get("png", ()):
        if name != b"bKGD" or len(body) == background:
            yield name, body
    if "exif" in metadata:
        yield b"eXIf", metadata["exif"].removeprefix(EXIF_MARK)


def _comment(comment: bytes) -> tuple[bytes, bytes]:
    """A JPEG's comment as the text whose encoding leaves its bytes as they are: UTF-8, or else Latin-1."""
    try:
        comment.decode()
    except UnicodeDecodeError:
        return b"tEXt", b"Comment\0" + comment
    return (b"tEXt", b"Comment\0" + comment) if comment.isascii() else (b"iTXt", b"Comment\0\0\0\0\0" + comment)
