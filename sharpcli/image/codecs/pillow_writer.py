"""Files of 8 bits that Pillow writes, each format with its own options."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO, cast

from sharpcli.image import exif as exif_bytes
from sharpcli.image.codecs.base import held
from sharpcli.image.image import Image, to_pil
from sharpcli.image.metadata import ORIENTATION, Metadata

QUALITY = 95
AVIF_QUALITY = 90


class Unnumbered(io.RawIOBase):
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
    to_pil(image.pixels, image.mode).save(cast(BinaryIO, Unnumbered(file)), format=name, **options)


def _webp(metadata: Metadata, quality: int | None) -> dict[str, Any]:
    options = held(metadata, "icc_profile", "exif", "xmp")
    if metadata.get("lossless") and quality is None:
        return {**options, "lossless": True, "exact": True, "quality": 20, "method": 0}
    return {**options, "quality": quality or QUALITY, "method": 1}


def _avif(metadata: Metadata, quality: int | None) -> dict[str, Any]:
    options = held(metadata, "icc_profile", "exif", "xmp")
    with suppress(KeyError, ValueError):  # Pillow would take the orientation out by writing all of it anew
        options["exif"] = exif_bytes.upright(options["exif"], {ORIENTATION})
    return {**options, "quality": quality or AVIF_QUALITY, "speed": 9}


def _bmp(metadata: Metadata, quality: int | None) -> dict[str, Any]:
    return held(metadata, "dpi")


OPTIONS: dict[str, Callable[[Metadata, int | None], dict[str, Any]]] = {
    "WEBP": _webp,
    "AVIF": _avif,
    "BMP": _bmp,
}
