"""Tells a camera's RAW file that begins as a TIFF does from a TIFF.

After TIFF 6.0, TIFF/EP (ISO 12234-2) and the DNG specification: colour filter arrays have photometric interpretations
of their own, and a DNG has its version. Only directories are read, never pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from sharpcli.files.unsupported import MAKERS
from sharpcli.image.tags.ifd import Directories, Entry

COMPRESSION, PHOTOMETRIC, MAKE, SUB_IFDS, DNG_VERSION = 259, 262, 271, 330, 50706
SENSOR = {32803, 34892}
"""Photometric interpretations: colour filter array, linear raw."""
PACKED = {32767, 32769, 32770, 32772, 34713, 65535}
"""Compressions by Sony, Epson, Samsung, Nikon and Pentax that nothing but their RAW files has."""
MOST = 16
"""Directories that are looked at; a made-up file can have any number."""
BY_MAKE = {
    **{"canon": "cr2", "nikon": "nef", "sony": "arw", "olympus": "orf", "panasonic": "rw2", "leica": "rwl"},
    **{"pentax": "pef", "ricoh": "pef", "samsung": "srw", "hasselblad": "3fr", "phase one": "iiq", "leaf": "mos"},
    **{"mamiya": "mef", "eastman kodak": "dcr", "kodak": "dcr", "epson": "erf", "seiko epson": "erf"},
}
"""The ending of RAW files by how the name of the camera's maker begins in them."""


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
    if head[8:10] == b"CR":
        return "cr2"
    if head[8:12] in (b"IIII", b"MMMM"):
        return "iiq"
    try:
        directories = Directories(file)
    except ValueError:
        return ""
    make, sensor = "", False
    for number, entries in enumerate(_directories(directories)):
        by_tag = {entry.tag: entry for entry in entries}
        if number == 0 and DNG_VERSION in by_tag:
            return "dng"
        if MAKE in by_tag:
            make = make or by_tag[MAKE].value.split(b"\0")[0].decode("latin-1").strip().lower()
        sensor = sensor or _number(directories, by_tag.get(PHOTOMETRIC)) in SENSOR
        sensor = sensor or _number(directories, by_tag.get(COMPRESSION)) in PACKED
    by_make = next((known for name, known in BY_MAKE.items() if make.startswith(name)), "raw")
    return (ending if ending in MAKERS else by_make) if sensor else ""


def _directories(directories: Directories) -> Iterator[list[Entry]]:
    """The directories of a TIFF and those below them; what cannot be read of a damaged one is left out."""
    waiting, seen = [directories.first], set[int]()
    while waiting and len(seen) < MOST:
        place = waiting.pop(0)
        if not place or place in seen:
            continue
        seen.add(place)
        with suppress(ValueError):
            entries, follows = directories.directory(place, [])
            yield entries
            for entry in entries:
                if entry.tag == SUB_IFDS:
                    waiting += directories.all(entry)[:MOST]
            waiting.append(follows)


def _number(directories: Directories, entry: Entry | None) -> int | None:
    with suppress(ValueError):
        return directories.number(entry) if entry else None
    return None
