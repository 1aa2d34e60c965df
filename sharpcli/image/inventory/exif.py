"""What Exif holds: each tag of its directories by name, the camera maker's note among them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import tifffile
from PIL import ExifTags

from sharpcli.image.inventory.part import Part, part
from sharpcli.image.metadata import IPTC, OF_THE_FILE, RESOLUTION, SIZES
from sharpcli.image.tags.exif import MARK
from sharpcli.image.tags.exif_block import GPS_IFD, tree
from sharpcli.image.tags.ifd import INTEGERS, Directories, Entry

COLORS = frozenset({301, 318, 319})
"""TransferFunction, WhitePoint and PrimaryChromaticities."""
# What the upright, resized image has otherwise, and what lists of other kinds tell.
NOT_LISTED = frozenset({*OF_THE_FILE, *RESOLUTION, *SIZES})


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
    damaged: list[int] = []
    first, inner = tree(directories, damaged)
    for holder, entries in {0: first, **inner}.items():
        for entry in entries:
            if entry.tag == IPTC:
                yield part("IPTC", entry.value.rstrip(b"\0"))
            elif holder == GPS_IFD or entry.tag not in NOT_LISTED:
                name = ExifTags.GPSTAGS.get(entry.tag, "GPS") if holder == GPS_IFD else tag_name(entry.tag)
                yield part("Exif", canonical(entry, directories.order), name, color=entry.tag in COLORS)
    yield from (Part("damaged tag", tag_name(tag)) for tag in damaged)


def tag_name(tag: int) -> str:
    """What the standards call a tag, or its number."""
    return str(ExifTags.TAGS.get(tag) or tifffile.TIFF.TAGS.get(tag, "") or f"0x{tag:04X}")


def canonical(entry: Entry, order: str) -> bytes:
    """A tag's content whatever the byte order and the width of its integers, a text without the zeros behind it."""
    value = (entry if order == "<" else entry.swapped()).value
    if entry.type in INTEGERS:
        width = len(value) // max(1, entry.count)
        numbers = (int.from_bytes(value[at : at + width], "little") for at in range(0, len(value), width or 1))
        return b"".join(number.to_bytes(8, "little") for number in numbers)
    return value.rstrip(b"\0") if entry.type in (1, 2, 7, 129) else value
