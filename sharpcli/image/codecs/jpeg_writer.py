"""Writing JPEG files: Pillow codes the pixels, and what else the file holds goes before and behind them as bytes."""

from __future__ import annotations

import io
import os
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, BinaryIO, cast

from PIL import Image as PILImage
from PIL import ImageFile

from sharpcli.image.codecs.base import QUALITY
from sharpcli.image.image import WHOLE, Image, to_pil
from sharpcli.image.jpeg.carry import append, fitted, head
from sharpcli.image.jpeg.segments import APP0, ROOM, Segment
from sharpcli.image.metadata import Metadata, slim

END = b"\xff\xd9"
DENSITY = 13
"""Where a JPEG that begins with JFIF tells its unit of density, and behind it how much that is across and down."""
BYTES_PER_SAMPLE = 2  # more than any coefficient takes

_lock = threading.Lock()
_usual = ImageFile.MAXBLOCK
_asked: list[int] = []


class _Unnumbered(io.RawIOBase):
    """A file without a number: Pillow would write past it, where a full disk can cut a JPEG short without an error."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: Any) -> int:
        """Write all of it; raises OSError."""
        return self._file.write(data)


def write_jpeg(file: BinaryIO, image: Image, metadata: Metadata, quality: int | None) -> None:
    """Write 8 bits with all that `metadata` holds; raises OSError, ValueError."""
    height, width = image.pixels.shape[:2]
    metadata = fitted(metadata, (width, height))
    if "exif" in metadata and "jpeg" not in metadata:
        # Exif in several segments is what few programs read; it stays so where it came so.
        metadata["exif"] = slim(metadata["exif"], ROOM)
    coding = _coding(metadata, quality)
    density = _density(metadata)
    jfif = Segment(APP0, b"JFIF\0\1\1" + (density or b"\0\0\1\0\1") + b"\0\0").file if image.mode == "CMYK" else b""
    options = {**coding, "extra": (jfif if density else b"") + head(metadata)}
    pil_image = to_pil(image.pixels, image.mode)
    with _room(BYTES_PER_SAMPLE * image.pixels.size) if coding.get("progressive") else nullcontext():
        if width * height > WHOLE or not _saved_in_memory(file, pil_image, options):
            pil_image.save(cast(BinaryIO, _Unnumbered(file)), format="JPEG", **options)
    if density and not jfif:
        file.seek(DENSITY)
        file.write(density)
    append(file, metadata)
    file.seek(0, os.SEEK_END)


def _coding(metadata: Metadata, quality: int | None) -> dict[str, Any]:
    coding: dict[str, Any] = metadata.get("jpeg", {})
    if quality is None and coding:
        return coding
    subsampling = {"subsampling": coding["subsampling"]} if "subsampling" in coding else {}
    return {**subsampling, "quality": quality or QUALITY}


def _density(metadata: Metadata) -> bytes:
    """Unit and density as JFIF tells them; empty where nothing is known that fits."""
    unit, density = (1, metadata["dpi"]) if "dpi" in metadata else (0, metadata.get("aspect", (0, 0)))
    across, down = (round(number) for number in density)
    if not (0 < across < 1 << 16 and 0 < down < 1 << 16):
        return b""
    return struct.pack(">BHH", unit, across, down)


@contextmanager
def _room(size: int) -> Iterator[None]:
    """Let Pillow give libjpeg so many bytes: with too few for a progressive file it fails, with words on the screen."""
    with _lock:
        _asked.append(size)
        ImageFile.MAXBLOCK = max(_usual, *_asked)
    try:
        yield
    finally:
        with _lock:
            _asked.remove(size)
            ImageFile.MAXBLOCK = max(_usual, *_asked, 0)


def _saved_in_memory(file: BinaryIO, pil_image: PILImage.Image, options: Mapping[str, Any]) -> bool:
    """Write a JPEG in a way that lets other threads work meanwhile; False when that did not work out.

    Pillow holds Python's lock unless it writes to a file's number, so it gets the number of a file in memory.
    """
    if not hasattr(os, "memfd_create"):
        return False
    with os.fdopen(os.memfd_create("sharpcli"), "w+b") as memory:
        with suppress(OSError):
            pil_image.save(memory, format="JPEG", **options)
        memory.seek(0)
        content = memory.read()
    if not content.endswith(END):
        return False
    file.write(content)
    return True
