"""Tells a camera's RAW file that begins as a TIFF does from a TIFF.

After TIFF 6.0, TIFF/EP (ISO 12234-2) and the DNG specification: colour filter arrays have photometric interpretations
of their own, and a DNG has its version. Only directories are read, never pixels.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from sharpcli.files.unsupported import MAKERS

COMPRESSION, PHOTOMETRIC, MAKE, SUB_IFDS, DNG_VERSION = 259, 262, 271, 330, 50706
SENSOR = {32803, 34892}
"""Photometric interpretations: colour filter array, linear raw."""
PACKED = {32767, 32769, 32770, 32772, 34713, 65535}
"""Compressions by Sony, Epson, Samsung, Nikon and Pentax that nothing but their RAW files has."""
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 13: 4}
MOST, MOST_ENTRIES = 16, 1000
"""Directories that are looked at, and entries of one; a made-up file can have any number."""
BY_MAKE = {
    **{"canon": "cr2", "nikon": "nef", "sony": "arw", "olympus": "orf", "panasonic": "rw2", "leica": "rwl"},
    **{"pentax": "pef", "ricoh": "pef", "samsung": "srw", "hasselblad": "3fr", "phase one": "iiq", "leaf": "mos"},
    **{"mamiya": "mef", "eastman kodak": "dcr", "kodak": "dcr", "epson": "erf", "seiko epson": "erf"},
}
"""The ending of RAW files by how the name of the camera's maker begins in them."""

Directory = dict[int, list[int] | bytes]


def raw_ending(file: BinaryIO, ending: str = "") -> str:
    """The ending that RAW files like this TIFF have, `cr2` or `dng` for example; empty for a TIFF that is none.

    `ending` is the one it has: a file that is called as RAW files are is taken for one, since the first image in most
    of them is a thumbnail. Leaves the file at its beginning. Raises OSError.
    """
    try:
        found = _told(file, ending)
    finally:
        file.seek(0)
    return found or (ending if ending in MAKERS else "")


def _told(file: BinaryIO, ending: str) -> str:
    file.seek(0)
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    if head[8:10] == b"CR":
        return "cr2"
    if head[8:12] in (b"IIII", b"MMMM"):
        return "iiq"
    if struct.unpack_from(f"{order}H", head.ljust(16), 2)[0] != 42:  # a BigTIFF, which no camera writes
        return ""
    make, sensor = "", False
    for number, directory in enumerate(_directories(file, order, head)):
        if number == 0 and DNG_VERSION in directory:
            return "dng"
        text = directory.get(MAKE, b"")
        make = make or (text.split(b"\0")[0].decode("latin-1").strip().lower() if isinstance(text, bytes) else "")
        sensor = sensor or bool(SENSOR & {*directory.get(PHOTOMETRIC, ())})
        sensor = sensor or bool(PACKED & {*directory.get(COMPRESSION, ())})
    by_make = next((known for name, known in BY_MAKE.items() if make.startswith(name)), "raw")
    return (ending if ending in MAKERS else by_make) if sensor else ""


def _directories(file: BinaryIO, order: str, head: bytes) -> Iterator[Directory]:
    """The directories of a TIFF and those below them; what cannot be read of a damaged one is left out."""
    waiting, seen = [*struct.unpack_from(f"{order}I", head.ljust(16), 4)], set[int]()
    while waiting and len(seen) < MOST:
        place = waiting.pop(0)
        if not place or place in seen:
            continue
        seen.add(place)
        with suppress(struct.error):
            directory, following = _directory(file, order, place)
            yield directory
            below = directory.get(SUB_IFDS, [])
            waiting += [*(below if isinstance(below, list) else []), following]


def _directory(file: BinaryIO, order: str, place: int) -> tuple[Directory, int]:
    """The wanted tags of a directory, and where the next one lies; raises struct.error where the file ends before."""
    file.seek(place)
    (count,) = struct.unpack(f"{order}H", file.read(2))
    count = min(count, MOST_ENTRIES)
    entries = file.read(12 * count)
    rest = file.read(4)
    directory: Directory = {}
    for start in range(0, len(entries) - 11, 12):
        tag, kind, length = struct.unpack_from(f"{order}HHI", entries, start)
        if tag not in (COMPRESSION, PHOTOMETRIC, MAKE, SUB_IFDS, DNG_VERSION) or kind not in SIZES:
            continue
        size = SIZES[kind] * min(length, 256)
        value = entries[start + 8 : start + 12]
        if size > 4:
            file.seek(struct.unpack(f"{order}I", value)[0])
            value = file.read(size)
        if kind in (1, 2):
            directory[tag] = value[:size]
        else:
            letter = "H" if kind == 3 else "I"
            fit = len(value[:size]) // SIZES[kind]
            directory[tag] = list(struct.unpack_from(f"{order}{fit}{letter}", value))
    return directory, struct.unpack(f"{order}I", rest)[0] if len(rest) == 4 else 0
