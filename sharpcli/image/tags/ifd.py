"""TIFF directories and their tags as bytes, never decoded and encoded again (TIFF 6.0, BigTIFF, Exif 3.0)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

UNITS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 1, 7: 1, 8: 2, 9: 4, 10: 4, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
"""Bytes that change places between the two byte orders, by a tag's type."""
RATIONALS = (5, 10)
INTEGERS = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
CODES = {False: ("H", "HHI", "I"), True: ("Q", "HHQ", "Q")}
"""How the number of tags, the head of a tag, and a value or its place are packed, in a BigTIFF and otherwise."""
MOST_ENTRIES = 1 << 16


@dataclass(frozen=True)
class Entry:
    """A tag as it lies in its file: `value` holds `count` values of `type` in the file's byte order.

    `place` is where in the file the value lies, 0 where it lies in the directory or nowhere yet.
    """

    tag: int
    type: int
    count: int
    value: bytes
    place: int = field(default=0, compare=False)

    def swapped(self) -> Entry:
        """The same in the other byte order."""
        unit = UNITS[self.type]
        units = (self.value[start : start + unit][::-1] for start in range(0, len(self.value), unit))
        return Entry(self.tag, self.type, self.count, b"".join(units))


class Directories:
    """The directories of a TIFF file, or of Exif after its mark: `order` is < or >, `first` the place of the first.

    Raises ValueError where the head is none.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, 2)
        file.seek(0)
        head = file.read(16)
        self.order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        version = int.from_bytes(head[2:4], "little" if self.order == "<" else "big")
        if not self.order or version not in (42, 43) or len(head) < (16 if version == 43 else 8):
            raise ValueError("no TIFF directory")
        self.big = version == 43
        (self.first,) = struct.unpack_from(self.order + ("8xQ" if self.big else "4xI"), head)

    def directory(self, place: int, damaged: list[int] | None = None) -> tuple[list[Entry], int]:
        """The tags of the directory at a place, in its order, and the place of the next one, 0 for none.

        Raises ValueError where it is damaged, or where only single tags are and there is no list to put them into.
        """
        count_code, head, value_code = CODES[self.big]
        width = struct.calcsize("=" + value_code)
        entry_size = struct.calcsize("=" + head) + width
        (count,) = self._numbers(place, count_code)
        if not 0 < count < MOST_ENTRIES:
            raise ValueError("a TIFF directory of no or too many tags")
        start = place + struct.calcsize("=" + count_code)
        entries = []
        for at in range(start, start + count * entry_size, entry_size):
            tag, kind, number = self._numbers(at, head)
            length = number * UNITS.get(kind, 0) * (2 if kind in RATIONALS else 1)
            inline = at + struct.calcsize("=" + head)
            where = inline if length <= width else self._numbers(inline, value_code)[0]
            try:
                if kind not in UNITS:
                    raise ValueError("a tag of no known type")
                value = self._bytes(where, length)
            except ValueError:
                if damaged is None:
                    raise
                damaged.append(tag)
                continue
            entries.append(Entry(tag, kind, number, value, 0 if where == inline else where))
        (follows,) = self._numbers(start + count * entry_size, value_code)
        return entries, follows

    def following(self, place: int) -> int:
        """Where the place of the directory after the one at `place` is told; raises ValueError."""
        count_code, head, value_code = CODES[self.big]
        (count,) = self._numbers(place, count_code)
        return place + struct.calcsize("=" + count_code) + int(count) * struct.calcsize("=" + head + value_code)

    def number(self, entry: Entry) -> int:
        """The first of a tag's integers, such as the place of a further directory; raises ValueError."""
        if entry.type not in INTEGERS or not entry.count:
            raise ValueError("a tag with a number of another type")
        return int(struct.unpack_from(self.order + INTEGERS[entry.type], entry.value)[0])

    def all(self, entry: Entry) -> tuple[int, ...]:
        """All of a tag's integers; raises ValueError."""
        self.number(entry)
        return struct.unpack(f"{self.order}{entry.count}{INTEGERS[entry.type]}", entry.value)

    def _numbers(self, place: int, code: str) -> tuple[int, ...]:
        return struct.unpack(self.order + code, self._bytes(place, struct.calcsize("=" + code)))

    def _bytes(self, place: int, length: int) -> bytes:
        if place < 0 or place + length > self.size:  # before anything makes room for it
            raise ValueError("a TIFF directory that refers to places behind the file's end")
        self._file.seek(place)
        return self._file.read(length)


def packed(order: str, entries: Iterable[Entry], place: int, *, big: bool = False) -> bytes:
    """A directory, the last of its file, to lie at an even place, behind it the values that have no place yet.

    Raises struct.error where a place is too far for it.
    """
    count_code, head, value_code = CODES[big]
    width = struct.calcsize("=" + value_code)
    entries = sorted(entries, key=lambda entry: entry.tag)
    behind = place + struct.calcsize("=" + count_code) + len(entries) * (struct.calcsize("=" + head) + width) + width
    lines, values = [struct.pack(order + count_code, len(entries))], bytearray()
    for entry in entries:
        line = entry.value
        if len(entry.value) > width:
            line = struct.pack(order + value_code, entry.place or behind + len(values))
            values += b"" if entry.place else entry.value + bytes(len(entry.value) % 2)
        lines.append(struct.pack(order + head, entry.tag, entry.type, entry.count) + line.ljust(width, b"\0"))
    return b"".join(lines) + bytes(width) + bytes(values)
