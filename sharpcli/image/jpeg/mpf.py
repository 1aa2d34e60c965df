"""The index of further images in a JPEG file (CIPA DC-007, Multi-Picture Format)."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from sharpcli.image.jpeg.kinds import MPF
from sharpcli.image.jpeg.segments import APP2, Layout, Segment
from sharpcli.image.tags.ifd import Directories

VERSION, COUNT, ENTRIES = 0xB000, 0xB001, 0xB002
UNDEFINED, THUMBNAILS, PRIMARY = 0, (0x010001, 0x010002), 0x030000
"""Types of images: of no stated kind, thumbnails of the first, and the first."""
TYPE = 0xFFFFFF
MARK_AND_LENGTH = 4


@dataclass(frozen=True)
class Entry:
    """An image of the index: its attributes, and where in the file it begins and ends."""

    attributes: int
    start: int
    end: int

    @property
    def type(self) -> int:
        """What the index calls it."""
        return self.attributes & TYPE


def entries(found: Layout) -> list[Entry]:
    """The images of a file's index, the first among them; none where there is no index or it is damaged."""
    segment = next((one for one in found.segments if one.mark == APP2 and one.payload.startswith(MPF)), None)
    if segment is None:
        return []
    base = segment.place + MARK_AND_LENGTH + len(MPF)
    try:
        directories = Directories(io.BytesIO(segment.payload[len(MPF) :]))
        tags, _ = directories.directory(directories.first)
        table = next((tag.value for tag in tags if tag.tag == ENTRIES), b"")
        rows = list(struct.iter_unpack(directories.order + "IIIHH", table[: len(table) // 16 * 16]))
    except (ValueError, struct.error):
        return []
    places = [0 if number == 0 else base + row[2] for number, row in enumerate(rows)]
    return [Entry(row[0], place, place + row[1]) for row, place in zip(rows, places, strict=True)]


def index(images: Sequence[Entry], base: int = 0) -> Segment:
    """The segment with the index of these images, whose own places count from `base`, its payload's ninth byte."""
    table = b"".join(
        struct.pack(">IIIHH", one.attributes, one.end - one.start, one.start - base if number else 0, 0, 0)
        for number, one in enumerate(images)
    )
    tags = struct.pack(">HHI4s", VERSION, 7, 4, b"0100") + struct.pack(">HHII", COUNT, 4, 1, len(images))
    tags += struct.pack(">HHII", ENTRIES, 7, len(table), 8 + 2 + 3 * 12 + 4)
    return Segment(APP2, MPF + b"MM\0*" + struct.pack(">IH", 8, 3) + tags + bytes(4) + table)
