"""What Exif holds: each tag of its directories by name, the camera maker's note among them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from PIL import ExifTags

from sharpcli.image.ifd import INTEGERS, Directories, Entry
from sharpcli.image.inventory.part import Part, part
from sharpcli.image.metadata import OF_THE_FILE, RESOLUTION, SIZES

MARK = b"Exif\0\0"
EXIF, GPS, INTEROP = int(ExifTags.IFD.Exif), int(ExifTags.IFD.GPSInfo), int(ExifTags.IFD.Interop)
POINTERS = (EXIF, GPS, INTEROP)
# What the upright, resized image has otherwise, and what lists of other kinds tell.
NOT_LISTED = frozenset(OF_THE_FILE | set(RESOLUTION) | set(SIZES) | {33723, 700, *POINTERS})


def exif_parts(exif: bytes) -> list[Part]:
    """The tags of an Exif block, with or without its mark; one part without a name where it is damaged."""
    body = exif
    while body.startswith(MARK):
        body = body[len(MARK) :]
    try:
        return list(tag_parts(io.BytesIO(body)))
    except ValueError:
        return [part("damaged Exif", exif)]


def tag_parts(file: BinaryIO) -> Iterator[Part]:
    """The tags of a TIFF file's first directory and of Exif's own ones; raises ValueError where it is damaged."""
    directories = Directories(file)
    entries, _ = directories.directory(directories.first)
    todo = [(entries, ExifTags.TAGS)]
    while todo:
        entries, names = todo.pop(0)
        for entry in entries:
            if entry.tag in POINTERS:
                with suppress(ValueError):  # a pointer to nowhere holds nothing
                    inner, _ = directories.directory(directories.number(entry))
                    todo.append((inner, ExifTags.GPSTAGS if entry.tag == GPS else ExifTags.TAGS))
            elif entry.tag not in NOT_LISTED or names is ExifTags.GPSTAGS:
                yield part("Exif", canonical(entry, directories.order), names.get(entry.tag, f"0x{entry.tag:04X}"))


def canonical(entry: Entry, order: str) -> bytes:
    """A tag's content whatever the byte order and the width of its integers, a text without the zeros behind it."""
    value = (entry if order == "<" else entry.swapped()).value
    if entry.type in INTEGERS:
        width = len(value) // max(1, entry.count)
        numbers = (int.from_bytes(value[at : at + width], "little") for at in range(0, len(value), width or 1))
        return b"".join(number.to_bytes(8, "little") for number in numbers)
    return value.rstrip(b"\0") if entry.type in (1, 2, 7, 129) else value
