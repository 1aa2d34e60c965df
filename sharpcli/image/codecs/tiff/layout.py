"""Whether the tags that say how a TIFF's pixels lie are whole: readers that guess instead differ in their guesses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from sharpcli.image.complaints import complain
from sharpcli.image.inventory.exif import tag_name
from sharpcli.image.tags.ifd import Directories

SINGLE = frozenset({256, 257, 259, 262, 266, 277, 278, 284, 317, 322, 323})
"""Sides, compression, meaning, order of bits, channels, rows of a strip, planes, differences, sides of a tile."""
SEVERAL = frozenset({258, 273, 279, 320, 324, 325, 338, 339})
"""Bits, places and lengths of strips and tiles, palette, further channels, kinds of numbers."""
WHOLE_NUMBERS = (1, 3, 4, 16)
PLACES, LENGTHS = (273, 324), (279, 325)
WIDTH, HEIGHT, BITS, COMPRESSION, MEANING = 256, 257, 258, 259, 262
STRIPS, CHANNELS, ROWS, STRIP_LENGTHS, PLANES = 273, 277, 278, 279, 284
BYTE, UNCOMPRESSED, YCBCR, SEPARATE = 1, 1, 6, 2
"""A type of tags, a compression, pixels whose chroma may be of fewer (YCbCr), and channels that lie apart."""


def check_layout(file: BinaryIO) -> None:
    """Complain of tags of the first directory that are damaged, twice there or of a wrong kind; raises ValueError."""
    directories, damaged = Directories(file), list[int]()
    entries, _ = directories.directory(directories.first, damaged)
    times = Counter(entry.tag for entry in entries)
    wrong = {tag for tag in damaged if tag in SINGLE | SEVERAL}
    for entry in entries:
        single, several = entry.tag in SINGLE, entry.tag in SEVERAL
        if (single or several) and (entry.type not in WHOLE_NUMBERS or not entry.count or times[entry.tag] > 1):
            wrong.add(entry.tag)
        if single and entry.count != 1:
            wrong.add(entry.tag)
    counts = {entry.tag: entry.count for entry in entries}
    wrong |= {long for place, long in zip(PLACES, LENGTHS, strict=True) if counts.get(place) != counts.get(long)}
    if not wrong:
        numbers = [entry for entry in entries if entry.type != BYTE]
        told = {entry.tag: directories.number(entry) for entry in numbers if entry.tag in SINGLE | {BITS}}
        if counts.get(BITS, 1) not in (1, told.get(CHANNELS, 1)):
            wrong.add(BITS)
        if STRIPS in counts and counts[STRIPS] != _strips(told):
            wrong.add(STRIPS)
        lengths = next((entry for entry in numbers if entry.tag == STRIP_LENGTHS), None)
        if lengths and told.get(COMPRESSION) == UNCOMPRESSED and told.get(MEANING) != YCBCR and not wrong:
            pairs = list(zip(directories.all(lengths), _sizes(told, lengths.count), strict=True))
            # The last strip may be as long as the others.
            if any(length != size for length, size in pairs[:-1]) or any(length < size for length, size in pairs[-1:]):
                wrong.add(STRIP_LENGTHS)
    if wrong:
        complain(f"how its pixels lie is not told properly: {', '.join(map(tag_name, sorted(wrong)))}")


def _strips(told: Mapping[int, int]) -> int:
    """How many strips an image of these numbers has."""
    planes = told.get(CHANNELS, 1) if told.get(PLANES, 1) == SEPARATE else 1
    return -(-told.get(HEIGHT, 0) // _rows(told)) * planes


def _sizes(told: Mapping[int, int], strips: int) -> Iterator[int]:
    """How many bytes each strip takes uncompressed, as long as all channels have the bits of the first."""
    height, rows = told.get(HEIGHT, 0), _rows(told)
    samples = told.get(WIDTH, 0) * (1 if told.get(PLANES, 1) == SEPARATE else told.get(CHANNELS, 1))
    row = -(-samples * told.get(BITS, 1) // 8)
    for number in range(strips):
        top = number * rows % (-(-height // rows) * rows or 1)
        yield row * min(rows, height - top)


def _rows(told: Mapping[int, int]) -> int:
    height = told.get(HEIGHT, 0)
    return max(1, min(told.get(ROWS, height), height))
