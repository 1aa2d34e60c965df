"""The file formats: their endings, and which images each can hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A file format under Pillow's name; `modes` are the images it holds, and `deep` says whether in 16 bits too."""

    name: str
    endings: tuple[str, ...]
    modes: tuple[str, ...]
    deep: bool = False
    side: int = 1 << 31
    """The most pixels that a side may have."""


GREY_AND_COLOR = ("L", "LA", "RGB", "RGBA")

TABLE = {
    format.name: format
    for format in (
        Format("PNG", ("png",), GREY_AND_COLOR, deep=True),
        Format("JPEG", ("jpg", "jpeg"), ("L", "RGB", "CMYK"), side=65_500),
        Format("WEBP", ("webp",), GREY_AND_COLOR, side=16_383),
        Format("TIFF", ("tif", "tiff"), (*GREY_AND_COLOR, "CMYK"), deep=True),
        Format("BMP", ("bmp",), ("L", "RGB")),
        Format("AVIF", ("avif",), GREY_AND_COLOR, deep=True),
    )
}

FORMATS = {ending: format.name for format in TABLE.values() for ending in format.endings}
"""File name endings that can be read and written, and Pillow's name of their format."""

READ_ONLY = {"heic": "HEIC", "heif": "HEIC", "hif": "HEIC"}
"""Endings of formats that are read, with an extra, and not written."""

NAMED = "PNG, JPEG, WebP, TIFF, BMP or AVIF"
"""The formats as a sentence names them."""
