"""Whether the tags that say how a TIFF's pixels lie are whole: readers that guess instead differ in their guesses."""

from __future__ import annotations

from collections import Counter
from typing import BinaryIO

from sharpcli.image.complaints import complain
from sharpcli.image.ifd import Directories
from sharpcli.image.inventory.exif import tag_name

SINGLE = frozenset({256, 257, 259, 262, 266, 277, 278, 284, 317, 322, 323})
"""Sides, compression, meaning, order of bits, channels, rows of a strip, planes, differences, sides of a tile."""
SEVERAL = frozenset({258, 273, 279, 320, 324, 325, 338, 339})
"""Bits, places and lengths of strips and tiles, palette, further channels, kinds of numbers."""
WHOLE_NUMBERS = (1, 3, 4, 6, 8, 9, 16, 17)


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
    if wrong:
        complain(f"how its pixels lie is not told properly: {', '.join(map(tag_name, sorted(wrong)))}")
