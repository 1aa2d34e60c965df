"""What a TIFF file holds: the tags of its first directory, its other images, and channels without a meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sharpcli.image.inventory.exif import tag_parts
from sharpcli.image.inventory.part import Part, part
from sharpcli.image.inventory.photoshop import photoshop_parts
from sharpcli.image.metadata import ICC_PROFILE, LAYERS, PHOTOSHOP, RESOLUTION, XMP
from sharpcli.image.tags.ifd import Directories, Entry
from sharpcli.image.tags.tiff import print_size

SUB_IFDS, EXTRA_SAMPLES, ALPHA = 330, 338, (1, 2)
MOST_PAGES = 100


def tiff_parts(file: BinaryIO) -> Iterator[Part]:
    """The parts of an open TIFF file; raises ValueError."""
    yield from tag_parts(file)
    directories = Directories(file)
    first, follows = directories.directory(directories.first, [])
    for entry in first:
        if entry.tag == ICC_PROFILE:
            yield part("ICC profile", entry.value, color=True)
        elif entry.tag == XMP:
            yield Part("XMP")
        elif entry.tag == PHOTOSHOP:
            yield from photoshop_parts(entry.value)
        elif entry.tag in LAYERS:
            yield Part("Photoshop layers")
        elif entry.tag == SUB_IFDS:
            yield from [Part("preview")] * entry.count
        elif entry.tag == EXTRA_SAMPLES:
            yield from _channels(entry, directories.order)
    if print_size({entry.tag: entry for entry in first if entry.tag in RESOLUTION}, directories.order):
        yield Part("print size")
    seen = {directories.first}
    while follows and follows not in seen and len(seen) < MOST_PAGES:
        seen.add(follows)
        yield Part("preview")
        _, follows = directories.directory(follows, [])


def _channels(entry: Entry, order: str) -> Iterator[Part]:
    """The channels that are no colour, but the first of transparency."""
    kinds = [
        int.from_bytes(entry.value[at : at + 2], "little" if order == "<" else "big")
        for at in range(0, len(entry.value), 2)
    ]
    if kinds[:1] and kinds[0] in ALPHA:
        del kinds[0]
    yield from (Part("channel") for _ in kinds)
