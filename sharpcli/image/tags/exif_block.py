"""Exif put together from tags as they are: out of a TIFF, or of Exif that is damaged or too long."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sharpcli.image.tags.exif import EXIF_IFD, LONG, MARK
from sharpcli.image.tags.ifd import Directories, Entry, packed

GPS_IFD, INTEROP_IFD, NOTE = 34853, 40965, 37500
HEADS = {"<": b"II*\0", ">": b"MM\0*"}
OUTER = -1  # no tag leads to the first directory; GPS has one of number 0
IFD, IFD8 = 13, 18
MOST = 65_000
"""The place up to which a maker's note keeps its own, with nothing before it: about what a JPEG's segment holds."""
OF_THEIR_OWN = (b"Nikon\0\x02", b"OLYMPUS\0", b"OM SYSTEM\0", b"FUJIFILM", b"Apple iOS\0")
"""How makers' notes begin that refer to no places but their own, and may be moved."""

Inner = Mapping[int, list[Entry]]


def tree(directories: Directories, damaged: list[int] | None = None) -> tuple[list[Entry], dict[int, list[Entry]]]:
    """The tags of the first directory, and those of Exif's, GPS's and Interop's by the tag that leads to them.

    Pointers are left out. Raises ValueError as `Directories` does.
    """
    first, _ = directories.directory(directories.first, damaged)
    inner: dict[int, list[Entry]] = {}
    first = _followed(directories, first, (EXIF_IFD, GPS_IFD), inner, damaged)
    if EXIF_IFD in inner:
        inner[EXIF_IFD] = _followed(directories, inner[EXIF_IFD], (INTEROP_IFD,), inner, damaged)
    return first, inner


def _followed(
    directories: Directories,
    entries: list[Entry],
    tags: tuple[int, ...],
    inner: dict[int, list[Entry]],
    damaged: list[int] | None,
) -> list[Entry]:
    """Read the directories that these tags lead to into `inner`; the entries without the tags."""
    for entry in entries:
        if entry.tag in tags and entry.tag not in inner:
            try:
                inner[entry.tag], _ = directories.directory(directories.number(entry), damaged)
            except ValueError:
                if damaged is None:
                    raise
                damaged.append(entry.tag)
    return [entry for entry in entries if entry.tag not in tags]


def block(order: str, first: Iterable[Entry], inner: Inner) -> tuple[bytes, bool]:
    """Exif of these tags, and whether it had to move a maker's note that refers to places around it.

    Tags that are directories of their own are left out. The note keeps its place where there is room for that.
    """
    first = list(first)
    outer = [replace(entry, place=0) for entry in first if entry.type not in (IFD, IFD8)]
    parts = {OUTER: outer, **{tag: [replace(entry, place=0) for entry in entries] for tag, entries in inner.items()}}
    held = (*inner.get(EXIF_IFD, ()), *first)
    note = next((entry for entry in held if entry.tag == NOTE and entry.place), None)
    for tag, holder in ((EXIF_IFD, OUTER), (GPS_IFD, OUTER), (INTEROP_IFD, EXIF_IFD)):
        if tag in parts and holder in parts:
            parts[holder].append(_pointer(order, tag, 0))
    loose = _joined(order, parts, 8)
    if note is None:
        return MARK + _head(order, 8) + loose, False
    pinned = {tag: [note if entry == note else entry for entry in entries] for tag, entries in parts.items()}
    end = note.place + len(note.value) + len(note.value) % 2
    around = _joined(order, pinned, 8)
    if 8 + len(around) <= note.place < MOST - len(note.value):
        return MARK + (_head(order, 8) + around).ljust(note.place, b"\0") + note.value, False
    if note.place >= 8 and end <= MOST:
        body = _head(order, end).ljust(note.place, b"\0") + note.value
        return MARK + body.ljust(end, b"\0") + _joined(order, pinned, end), False
    return MARK + _head(order, 8) + loose, not note.value.startswith(OF_THEIR_OWN)


def rebuilt(exif: bytes, *, without: Iterable[int] = (), longest: int | None = None) -> bytes:
    """Exif of all tags that can be read of it, but these and longer ones; raises ValueError where none can be."""
    body = exif
    while body.startswith(MARK):
        body = body[len(MARK) :]
    directories = Directories(io.BytesIO(body))
    first, inner = tree(directories, [])
    left_out = frozenset(without)
    first = [entry for entry in first if entry.tag not in left_out]
    if longest is not None:
        first, *rest = ([e for e in entries if len(e.value) <= longest] for entries in (first, *inner.values()))
        inner = dict(zip(inner, rest, strict=True))
    if not first and not inner:
        raise ValueError("Exif without a tag that can be read")
    return block(directories.order, first, {tag: entries for tag, entries in inner.items() if entries})[0]


def _head(order: str, first: int) -> bytes:
    return HEADS[order] + struct.pack(order + "I", first)


def _pointer(order: str, tag: int, place: int) -> Entry:
    return Entry(tag, LONG, 1, struct.pack(order + "I", place))


def _joined(order: str, parts: Mapping[int, list[Entry]], start: int) -> bytes:
    """The directories one behind the other, the first at `start`, each with the places of those it leads to."""
    places, place = {}, start
    for tag, entries in parts.items():
        places[tag] = place
        place += len(packed(order, entries, 0))
    whole = b""
    for tag, entries in parts.items():
        led = [_pointer(order, e.tag, places[e.tag]) if e.tag in places else e for e in entries]
        whole += packed(order, led, places[tag])
    return whole
