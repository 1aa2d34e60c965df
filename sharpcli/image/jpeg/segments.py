"""A JPEG file's segments, from its start to its end (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

START, END, SCAN, COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
APP0, APP1, APP2, APP11, APP13 = 0xE0, 0xE1, 0xE2, 0xEB, 0xED
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BARE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Marks without a payload."""
ROOM = 65533
"""Bytes that a segment holds."""
MARK = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""A mark behind coded pixels: those have a 0 behind each 0xFF, and restart marks belong to them."""


@dataclass(frozen=True)
class Segment:
    """A segment by its mark's second byte, its payload, and where in the file its mark begins."""

    mark: int
    payload: bytes
    place: int = 0

    @property
    def file(self) -> bytes:
        """The segment as it lies in a file."""
        return bytes((0xFF, self.mark)) + (len(self.payload) + 2).to_bytes(2, "big") + self.payload


@dataclass(frozen=True)
class Layout:
    """All segments in their order; `end` is where the image ends, the file's length where its end is missing."""

    segments: list[Segment] = field(default_factory=list)
    end: int = 0
    ended: bool = False

    @property
    def frame(self) -> Segment | None:
        """The segment that tells sides, depth and components."""
        return next((one for one in self.segments if one.mark in FRAMES), None)

    @property
    def scans(self) -> list[Segment]:
        """The heads of what holds coded pixels."""
        return [one for one in self.segments if one.mark == SCAN]

    def payloads(self, mark: int, start: bytes) -> list[bytes]:
        """What is behind these first bytes of all segments that begin so."""
        found = (one.payload for one in self.segments if one.mark == mark and one.payload.startswith(start))
        return [payload[len(start) :] for payload in found]


def layout(data: bytes | bytearray | memoryview, start: int = 0) -> Layout:
    """The segments of the JPEG that begins at `start`; bytes that belong to none are passed over, as decoders do."""
    segments: list[Segment] = []
    place = start + 2
    while found := MARK.search(data, place):
        place, mark = found.start(), data[found.start() + 1]
        if mark == END:
            return Layout(segments, place + 2, ended=True)
        if mark == START or mark in BARE:
            place += 2
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        if length < 2 or place + 2 + length > len(data):
            break
        segments.append(Segment(mark, bytes(data[place + 4 : place + 2 + length]), place))
        place += 2 + length
    return Layout(segments, len(data))


def split(mark: int, start: bytes, content: bytes) -> list[Segment]:
    """Content spread over as many segments as it needs, each with the same first bytes."""
    room = ROOM - len(start)
    return [Segment(mark, start + content[at : at + room]) for at in range(0, len(content), room)]
