"""What a TIFF's tags say besides its pixels: bytes as they are, as Exif where other formats hold them so (TIFF 6.0)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import BinaryIO

from sharpcli.image.metadata import (
    FINEST,
    ICC_PROFILE,
    OF_THE_FILE,
    ORIENTATION,
    PHOTOSHOP,
    RESOLUTION,
    XMP,
    Metadata,
)
from sharpcli.image.tags.exif import ACROSS, DOWN
from sharpcli.image.tags.exif_block import block, tree
from sharpcli.image.tags.ifd import RATIONALS, Directories, Entry
from sharpcli.image.tags.xmp import corrected

UNIT = 296
INCHES = {2: Fraction(1), 3: Fraction(254, 100)}
"""What dots per unit are to be multiplied by for dots per inch, by the unit; the first unit, 1, is none."""
PLACE_ON_EARTH = frozenset({33550, 33922, 34264})  # true of the image as it is stored
MOVED = "the camera maker's note had to move, and readers may miss parts of it"


@dataclass(frozen=True)
class TiffSays:
    """Exif's orientation 1-8 of a TIFF, what is kept of its tags, and notes."""

    orientation: int
    metadata: Metadata
    notes: tuple[str, ...] = ()


def of_tiff(file: BinaryIO) -> TiffSays:
    """What the tags of a TIFF's first directory say, and Exif's, GPS's and Interop's; raises ValueError."""
    directories = Directories(file)
    first, inner = tree(directories, [])
    by_tag = {entry.tag: entry for entry in first}
    orientation = 1
    with suppress(KeyError, ValueError):
        stated = directories.number(by_tag[ORIENTATION])
        orientation = stated if 1 <= stated <= 8 else 1
    if orientation > 4 and {ACROSS, DOWN} <= by_tag.keys():
        across, down = by_tag[ACROSS], by_tag[DOWN]
        by_tag |= {ACROSS: replace(down, tag=ACROSS), DOWN: replace(across, tag=DOWN)}
    first = [by_tag[entry.tag] if entry.tag in (ACROSS, DOWN) else entry for entry in first]
    kept: Metadata = {}
    for key, tag in (("icc_profile", ICC_PROFILE), ("xmp", XMP), ("photoshop", PHOTOSHOP)):
        if tag in by_tag and by_tag[tag].value:
            kept[key] = by_tag[tag].value
    if "xmp" in kept:
        kept["xmp"] = corrected(kept["xmp"], set())
    if size := print_size(by_tag, directories.order):
        kept |= size
    silent = RESOLUTION if size is None else ()
    left_out = OF_THE_FILE | {*silent, *(PLACE_ON_EARTH if orientation > 1 else ())}
    first = [entry for entry in first if entry.tag not in left_out]
    notes: tuple[str, ...] = ()
    if first or any(inner.values()):
        kept["exif"], moved = block(directories.order, first, inner)
        notes = (MOVED,) if moved else ()
    return TiffSays(orientation, kept, notes)


def print_size(tags: Mapping[int, Entry], order: str) -> Metadata | None:
    """Dots per inch as `dpi`, or as `aspect` what has no unit; empty where neither can hold it, None for nothing."""
    if ACROSS not in tags or DOWN not in tags:
        return None
    across, down = _ratio(tags[ACROSS], order), _ratio(tags[DOWN], order)
    unit = int.from_bytes(tags[UNIT].value[:2], "little" if order == "<" else "big") if UNIT in tags else 2
    if unit not in INCHES and across == down == 1:  # what those write who know of no size
        return None
    if not across or not down:
        return {}
    if unit not in INCHES:
        return {"aspect": (float(across), float(down))}
    dpi = float(across * INCHES[unit]), float(down * INCHES[unit])
    return {"dpi": dpi} if max(dpi) < FINEST else {}


def _ratio(entry: Entry, order: str) -> Fraction:
    """A tag's fraction, 0 where it is none above that."""
    if entry.type not in RATIONALS or len(entry.value) < 8:
        return Fraction(0)
    byte_order = "little" if order == "<" else "big"
    over, under = (int.from_bytes(entry.value[at : at + 4], byte_order) for at in (0, 4))  # type: ignore[arg-type]
    return Fraction(over, under) if under else Fraction(0)
