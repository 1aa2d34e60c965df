"""Whether the tags that every reader knows are as TIFF 6.0 and Exif ask; of others, readers guess differently."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from itertools import pairwise
from typing import BinaryIO

from sharpcli.image.complaints import complain
from sharpcli.image.inventory.exif import tag_name
from sharpcli.image.metadata import ORIENTATION
from sharpcli.image.tags.exif_block import tree
from sharpcli.image.tags.ifd import Directories, Entry

ASCII, COPYRIGHT = 2, 33432
TEXT, SHORT, RATIONAL, PLACE = (2, 129), (3,), (5,), (4, 13, 16, 18)
TYPES: dict[int, tuple[int, ...]] = {
    **dict.fromkeys((269, 270, 271, 272, 285, 305, 306, 315, 316, COPYRIGHT), TEXT),
    **dict.fromkeys((282, 283), RATIONAL),
    **dict.fromkeys((254, 34665, 34853), PLACE),
    **dict.fromkeys((262, ORIENTATION, 296), SHORT),
}
"""The types that tags of the first directory may have, of those that are read by many."""
SINGLE = frozenset({254, 262, ORIENTATION, 282, 283, 296, 34665, 34853})
VALUES = {ORIENTATION: range(1, 9), 296: range(1, 4)}


def check_tags(file: BinaryIO) -> None:
    """Complain of tags out of order, and of those whose type, count or value cannot be; raises ValueError."""
    directories = Directories(file)
    first, _ = directories.directory(directories.first, [])
    trees = first, *tree(directories, [])[1].values()
    if any(one.tag >= follows.tag for entries in trees for one, follows in pairwise(entries)):
        complain("its tags are out of order, or one is there twice")
    if wrong := sorted(set(_wrong(first, directories.order))):
        complain(f"tags that cannot be so: {', '.join(map(tag_name, wrong))}")


def _wrong(entries: Iterable[Entry], order: str) -> Iterable[int]:
    for entry in entries:
        fits = entry.type in TYPES.get(entry.tag, (entry.type,)) and (entry.tag not in SINGLE or entry.count == 1)
        if fits and entry.tag in VALUES:
            fits = struct.unpack(order + "H", entry.value)[0] in VALUES[entry.tag]
        if not fits or (entry.type == ASCII and entry.value and not _is_text(entry)):
            yield entry.tag


def _is_text(entry: Entry) -> bool:
    """Whether ASCII ends with a zero, and has none within but between photographer and editor; padding is common."""
    text = entry.value.rstrip(b"\0")
    return len(text) < len(entry.value) and (entry.tag == COPYRIGHT or b"\0" not in text)
