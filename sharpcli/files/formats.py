"""The file formats that are read and written: how such files are called, how they begin, which images they hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

HEAD = 512
"""So many bytes from a file's beginning tell what it is."""


@dataclass(frozen=True)
class Format:
    """A file format under Pillow's name; `modes` are the images it holds, and `deep` says whether in 16 bits too.

    `endings` are those that results are offered in, `also` what else such files are called, and `begins` is a regular
    expression for their first bytes.
    """

    name: str
    endings: tuple[str, ...]
    begins: bytes
    modes: tuple[str, ...]
    also: tuple[str, ...] = ()
    deep: bool = False
    side: int = 1 << 31
    """The most pixels that a side may have."""
    offered: bool = True
    """Whether other formats' results may be asked for in it."""


GREY_AND_COLOR = ("L", "LA", "RGB", "RGBA")
# The main brand or, where that only says "images", one of those that the file says it conforms to.
AVIF = rb"\0\0.{2}ftyp(?:avi[fs]|(?:mif1|msf1|miaf).{4}(?:.{4}){0,12}?avi[fs])"
# Two letters would take any text for a BMP; a known length of the header behind them does not.
BMP = rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0"

TABLE = {
    format.name: format
    for format in (
        Format("PNG", ("png",), rb"\x89PNG\r\n\x1a\n", GREY_AND_COLOR, ("apng",), deep=True),
        Format(
            "JPEG",
            ("jpg", "jpeg"),
            rb"\xff\xd8\xff(?!\xf7)",  # that is a JPEG-LS
            ("L", "RGB", "CMYK"),
            ("jpe", "jif", "jfif", "jfi", "mpo"),
            side=65_500,
        ),
        Format("WEBP", ("webp",), rb"RIFF.{4}WEBPVP8[ LX]", GREY_AND_COLOR, side=16_383),
        Format("TIFF", ("tif", "tiff"), rb"II[*+]\0|MM\0[*+]|MM\*\0|II\0\*", (*GREY_AND_COLOR, "CMYK"), deep=True),
        Format("BMP", ("bmp",), BMP, ("L", "RGB"), ("dib",)),
        Format("AVIF", ("avif",), AVIF, GREY_AND_COLOR, ("avifs",), deep=True),
        Format("GIF", ("gif",), rb"GIF8[79]a", GREY_AND_COLOR, side=65_535, offered=False),
    )
}

FORMATS = {ending: format.name for format in TABLE.values() for ending in (*format.endings, *format.also)}
"""File name endings that can be read and written, and Pillow's name of their format."""

READ_ONLY = dict.fromkeys(("heic", "heif", "hif", "heics", "heifs"), "HEIC")
"""Endings of formats that are read, with an extra, and not written."""

INSTEAD = "jpg"
"""The format of results whose inputs' own is not written, where nobody is there to choose one."""

HEIC = rb"\0\0.{2}ftyp(?:hei[cmsx]|hev[cmsx]|mi[fa][12f]|msf1)"
"""How HEIC files begin; some say no more than that they hold images."""

OFFERED = sorted(ending for format in TABLE.values() if format.offered for ending in format.endings)
"""The endings that a user chooses a format of results by; 256 colours are no format for them."""

NAMED = "PNG, JPEG, WebP, TIFF, BMP or AVIF"
"""The formats as a sentence names them."""


def ending_of(path: PurePath) -> str:
    """A file name's ending in small letters, without its dot."""
    return path.suffix.lower().removeprefix(".")


def format_called(path: PurePath) -> Format | None:
    """The format that a file name's ending stands for."""
    return TABLE.get(FORMATS.get(ending_of(path), ""))


def result_format(source: PurePath, format: str | None) -> str | None:
    """The `format` asked for, or INSTEAD for a source whose own is not written; None for the source's own."""
    return format or (INSTEAD if ending_of(source) in READ_ONLY else None)


def format_of(head: bytes) -> Format | None:
    """The format of a file that begins so, see HEAD."""
    return next((format for format in TABLE.values() if begins(format.begins, head)), None)


def is_read(name: PurePath, head: Callable[[], bytes]) -> bool:
    """Whether a file is called as those of formats that are read, or begins so; `head` is asked only where needed."""
    if ending_of(name) in FORMATS or ending_of(name) in READ_ONLY:
        return True
    start = head()
    return format_of(start) is not None or begins(HEIC, start)


def begins(pattern: bytes, head: bytes) -> bool:
    """Whether a file's first bytes match; compiled patterns are kept by `re`."""
    return bool(pattern) and re.match(pattern, head, re.DOTALL) is not None
