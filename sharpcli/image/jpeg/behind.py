"""What lies behind the end of a JPEG image: gain maps, previews, videos, and whatever else cameras append."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sharpcli.image.jpeg.mpf import THUMBNAILS, UNDEFINED, entries
from sharpcli.image.jpeg.segments import SCAN, Layout, layout

GAIN_MAP, VIDEO, PREVIEW, IMAGE, OTHER = (
    "HDR gain map",
    "motion photo video",
    "preview",
    "further image",
    "data behind the image",
)
GAIN_MAP_WORDS = (
    b"http://ns.adobe.com/hdr-gain-map/1.0/",
    b"urn:iso:std:iso:ts:21496",
    b"http://ns.apple.com/HDRGainMap/",
    b"urn:com:apple:photo:2020:aux:hdrgainmap",
)
FULL = re.compile(rb"[^\0]")
JPEG, BOX, SAMSUNG_VIDEO = b"\xff\xd8\xff", b"ftyp", b"MotionPhoto_Data"


@dataclass(frozen=True)
class Piece:
    """A stretch of bytes behind the image, its kind (empty for zeros that only fill), and its place in an MPF index."""

    kind: str
    content: bytes
    attributes: int | None = None


def pieces(data: bytes, found: Layout) -> Iterator[Piece]:
    """All that is behind the image, in its order, nothing left out."""
    if not found.ended:
        return
    place, seen = found.end, memoryview(data)
    for entry in sorted(entries(found)[1:], key=lambda one: one.start):
        if entry.start >= place and entry.end > entry.start and data[entry.start : entry.start + 3] == JPEG:
            yield from _loose(seen, place, entry.start)
            content = bytes(data[entry.start : entry.end])
            yield Piece(_kind(content, entry.type, found), content, entry.attributes)
            place = min(entry.end, len(data))
    yield from _loose(seen, place, len(data))


def _kind(content: bytes, type: int, found: Layout) -> str:
    inner = layout(content)
    if is_gain_map(content, inner):
        return GAIN_MAP
    if type in THUMBNAILS:
        return PREVIEW
    smaller = _area(inner) < _area(found)
    return PREVIEW if type == UNDEFINED and smaller else IMAGE


def _area(found: Layout) -> int:
    frame = found.frame.payload if found.frame else b""
    return int.from_bytes(frame[1:3], "big") * int.from_bytes(frame[3:5], "big")


def is_gain_map(content: bytes, found: Layout) -> bool:
    """Whether a JPEG says of itself that it is one."""
    head = next((one.place for one in found.segments if one.mark == SCAN), len(content))
    return any(word in content[:head] for word in GAIN_MAP_WORDS)


def _loose(data: memoryview, start: int, end: int) -> Iterator[Piece]:
    """What no index tells of: JPEGs one behind the other, zeros between them, then the rest."""
    while start < end:
        full = FULL.search(data, start, end)
        filled = full.start() if full else end
        if data[filled : min(filled + 3, end)] != JPEG:
            break
        if filled > start:
            yield Piece("", bytes(data[start:filled]))
        stop = filled + layout(data[filled:end]).end
        content = bytes(data[filled:stop])
        yield Piece(GAIN_MAP if is_gain_map(content, layout(content)) else OTHER, content)
        start = stop
    if start < end:
        rest = bytes(data[start:end])
        filling = filled - start
        # A video's first box has its length in four bytes, which may begin with zeros, before its name.
        video = BOX in rest[max(0, filling - 4) : filling + 8] or SAMSUNG_VIDEO in rest
        yield Piece("" if filled == end else VIDEO if video else OTHER, rest)
