"""The boxes of HEIF files, which AVIF and HEIC are: items, their properties, and what refers to what (ISO 23008-12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

MOST_META, MOST_ENTRIES = 1 << 26, 1 << 16
CODED = (b"av01", b"hvc1", b"grid", b"iovl", b"iden", b"tmap", b"unci", b"jpeg", b"avc1", b"j2k1")
"""Items that are images."""
XMP_TYPE = "application/rdf+xml"


@dataclass(frozen=True)
class Box:
    """A box whose body lies from `body` to `end`."""

    kind: bytes
    start: int
    body: int
    end: int


@dataclass
class Item:
    """One thing in the file: an image, Exif, XMP; its bytes are the `extents` (place, length) of the file."""

    kind: bytes
    content_type: str = ""
    hidden: bool = False
    extents: list[tuple[int, int]] = field(default_factory=list)
    inside: bool = False
    """Whether the extents count from the start of the box idat."""
    properties: list[int] = field(default_factory=list)


@dataclass
class Meta:
    """What the box meta says; `properties` are (kind, body), counted from 1, `references` (kind, from, to)."""

    primary: int = 0
    items: dict[int, Item] = field(default_factory=dict)
    properties: list[tuple[bytes, bytes]] = field(default_factory=list)
    references: list[tuple[bytes, int, tuple[int, ...]]] = field(default_factory=list)
    others: list[bytes] = field(default_factory=list)
    idat: bytes = b""
    taken: int = 0
    """Bytes of items that were read: a file may name the same ones again and again."""

    def of(self, item: int) -> list[tuple[bytes, bytes]]:
        """The properties of an item, in their order."""
        numbers = self.items[item].properties if item in self.items else []
        return [self.properties[number - 1] for number in numbers if 0 < number <= len(self.properties)]

    def parts(self, item: int) -> tuple[int, ...]:
        """The items that one is derived from, such as the tiles of a grid."""
        return next((to for kind, start, to in self.references if kind == b"dimg" and start == item), ())


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two places; raises ValueError where one is longer than there is room."""
    count = 0
    while start + 8 <= end:
        file.seek(start)
        head = file.read(16)
        size, body = int.from_bytes(head[:4], "big"), start + 8
        if size == 1:
            size, body = int.from_bytes(head[8:16], "big"), start + 16
        stop = start + size if size else end
        count += 1
        if not body <= stop <= end or count > MOST_ENTRIES:
            raise ValueError(f"the box {head[4:8]!r} is longer than what it lies in")
        yield Box(head[4:8], start, body, stop)
        start = stop


def read_meta(file: BinaryIO) -> Meta:
    """The file's box meta; raises ValueError, struct.error where there is none or it is damaged."""
    found = next((box for box in boxes(file, 0, file.seek(0, 2)) if box.kind == b"meta"), None)
    if found is None or found.end - found.body > MOST_META:
        raise ValueError("no box meta")
    meta = Meta()
    for box in sorted(
        boxes(file, found.body + 4, found.end), key=lambda box: box.kind in (b"iloc", b"iprp")
    ):  # of items
        file.seek(box.body)
        body = Reader(file.read(box.end - box.body))
        if box.kind == b"pitm":
            meta.primary = body.number(4 if body.full()[0] else 2)
        elif box.kind == b"iinf":
            _items(meta, body)
        elif box.kind == b"iref":
            _references(meta, body)
        elif box.kind == b"iprp":
            _properties(meta, file, box)
        elif box.kind == b"iloc":
            _places(meta, body)
        elif box.kind == b"idat":
            meta.idat = body.rest()
        elif box.kind not in (b"hdlr", b"dinf", b"free", b"skip"):
            meta.others.append(box.kind)
    return meta


def content(file: BinaryIO, meta: Meta, item: int) -> bytes:
    """The bytes of an item; raises ValueError where they lie behind the file's end."""
    pieces, size = [], file.seek(0, 2)
    found = meta.items[item]
    meta.taken += sum(length for _, length in found.extents)
    if meta.taken > 8 * size:
        raise ValueError("items that overlap")
    for place, length in found.extents:
        if found.inside:
            pieces.append(meta.idat[place : place + length])
            continue
        if place + length > size:
            raise ValueError("an item that lies behind the file's end")
        file.seek(place)
        pieces.append(file.read(length))
    return b"".join(pieces)


class Reader:
    """Takes numbers and texts from a box's body, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self, size: int) -> int:
        """The next big-endian integer; raises ValueError at the end."""
        self._at += size
        if self._at > len(self._data):
            raise ValueError("a box that is too short")
        return int.from_bytes(self._data[self._at - size : self._at], "big")

    def full(self) -> tuple[int, int]:
        """Version and flags of a full box."""
        return self.number(1), self.number(3)

    def text(self) -> str:
        """A text up to its zero."""
        end = self._data.find(b"\0", self._at)
        end = len(self._data) if end < 0 else end
        found, self._at = self._data[self._at : end], end + 1
        return found.decode("utf-8", "replace")

    def inner(self) -> Reader:
        """The next box, from its kind on."""
        size = self.number(4)
        self._at += max(0, size - 4)
        return Reader(self._data[self._at - max(0, size - 4) : self._at])

    def rest(self) -> bytes:
        """All that is left."""
        return self._data[self._at :]

    def left(self) -> int:
        """How many bytes are left."""
        return len(self._data) - self._at


def _items(meta: Meta, body: Reader) -> None:
    version, _ = body.full()
    for _ in range(body.number(4 if version else 2)):
        _item(meta, body.inner())


def _item(meta: Meta, entry: Reader) -> None:
    entry.number(4)  # infe
    version, flags = entry.full()
    if version < 2:
        return
    number = entry.number(4 if version > 2 else 2)
    entry.number(2)  # protection
    kind = entry.number(4).to_bytes(4, "big")
    entry.text()
    meta.items[number] = Item(kind, entry.text() if kind in (b"mime", b"uri ") else "", bool(flags & 1))


def _references(meta: Meta, body: Reader) -> None:
    size = 4 if body.full()[0] else 2
    while body.left() >= 8:
        entry = body.inner()
        kind = entry.number(4).to_bytes(4, "big")
        start = entry.number(size)
        meta.references.append((kind, start, tuple(entry.number(size) for _ in range(entry.number(2)))))


def _properties(meta: Meta, file: BinaryIO, box: Box) -> None:
    for inner in boxes(file, box.body, box.end):
        if inner.kind == b"ipco":
            for one in boxes(file, inner.body, inner.end):
                file.seek(one.body)
                meta.properties.append((one.kind, file.read(one.end - one.body)))
        elif inner.kind == b"ipma":
            file.seek(inner.body)
            body = Reader(file.read(inner.end - inner.body))
            version, flags = body.full()
            for _ in range(body.number(4)):
                item = body.number(4 if version else 2)
                numbers = [
                    body.number(2) & 0x7FFF if flags & 1 else body.number(1) & 0x7F for _ in range(body.number(1))
                ]
                if item in meta.items:
                    meta.items[item].properties.extend(numbers)


def _places(meta: Meta, body: Reader) -> None:
    version, _ = body.full()
    sizes = body.number(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version > 1 else 2
    total = 0
    for _ in range(body.number(wide)):
        number = body.number(wide)
        method = body.number(2) & 15 if version else 0
        body.number(2)  # which file: this one
        start = body.number(base)
        extents = []
        count = body.number(2)
        total += count
        if total > MOST_ENTRIES:
            raise ValueError("too many extents")
        for _ in range(count):
            body.number(index if version else 0)
            place = start + body.number(offset)
            extents.append((place, body.number(length)))
        if number in meta.items:
            meta.items[number].extents, meta.items[number].inside = extents, method == 1


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box as it lies in a file."""
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body
