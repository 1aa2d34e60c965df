"""Files of 8 bits that Pillow writes, each format with its own options."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, BinaryIO, cast

from PIL import Image as PILImage

from sharpcli.image.codecs.base import held
from sharpcli.image.image import WHOLE, Image, to_pil
from sharpcli.image.metadata import SEGMENT, Metadata, app13, slim

QUALITY = 95
XMP_MARK = 29  # bytes that tell an XMP segment of a JPEG
JPEG_END = b"\xff\xd9"
ROOM = {"xmp": SEGMENT - XMP_MARK, "comment": SEGMENT}


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


def write_by_pillow(file: BinaryIO, image: Image, name: str, metadata: Metadata, quality: int | None) -> None:
    """Write 8 bits in the format that Pillow calls `name`; raises OSError, ValueError."""
    options = OPTIONS[name](metadata, quality)
    pil_image = to_pil(image.pixels, image.mode)
    if name == "JPEG" and pil_image.width * pil_image.height <= WHOLE and _saved_in_memory(file, pil_image, options):
        return
    try:
        pil_image.save(cast(BinaryIO, _Unnumbered(file)), format=name, **options)
    except OSError:
        # The room that Pillow gives libjpeg for a progressive file is too small for the finest tables with much noise.
        if not options.pop("progressive", False):
            raise
        file.seek(0)
        file.truncate()
        pil_image.save(cast(BinaryIO, _Unnumbered(file)), format=name, **options)


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
    if not content.endswith(JPEG_END):
        return False
    file.write(content)
    return True


def _jpeg(metadata: Metadata, quality: int | None) -> dict[str, Any]:
    options = held(metadata, "icc_profile", "xmp", "comment")
    options = {key: value for key, value in options.items() if len(value) <= ROOM.get(key, len(value))}
    options["exif"] = slim(metadata.get("exif", b""), SEGMENT)
    options["dpi"] = metadata.get("dpi", (0, 0))
    options["extra"] = app13(metadata.get("photoshop", b""))
    coding = metadata.get("jpeg", {})
    if quality is None and coding:
        return {**options, **coding}
    subsampling = {"subsampling": coding["subsampling"]} if "subsampling" in coding else {}
    return {**options, **subsampling, "quality": quality or QUALITY}


OPTIONS: dict[str, Callable[[Metadata, int | None], dict[str, Any]]] = {
    "JPEG": _jpeg,
}
