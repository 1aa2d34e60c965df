"""Exif changed where it lies: a camera maker's note refers to places in it, so nothing may move."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping

ORIENTATION, ACROSS, DOWN, EXIF_IFD = 274, 282, 283, 34665
THUMBNAIL, THUMBNAIL_LENGTH = 513, 514
SHORT, LONG = 3, 4
ENTRY = 12  # bytes of a tag: number, type, count, value or its place
MARK = b"Exif\0\0"
ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
ONE = {"<": b"\1\0\0\0", ">": b"\0\1\0\0"}


def upright(exif: bytes, without: Collection[int]) -> bytes:
    """Exif of the upright image, without thumbnail and these tags; raises ValueError where it is damaged."""
    body, order = _body(exif)
    first = _at(body, order, 4)
    entries, follows = _directory(body, order, first)
    tags = dict(entries)
    turned = ORIENTATION in tags and _number(order, tags[ORIENTATION]) in (5, 6, 7, 8)
    if turned and ACROSS in tags and DOWN in tags:
        across, down = tags[ACROSS], tags[DOWN]
        tags[ACROSS], tags[DOWN] = across[:2] + down[2:], down[:2] + across[2:]
    if ORIENTATION in tags:
        tags[ORIENTATION] = struct.pack(order + "HHI", ORIENTATION, SHORT, 1) + ONE[order]
    if follows:
        _blank_thumbnail(body, order, follows)
    room = len(entries) * ENTRY + 6  # with the count before and the place of the next directory behind
    own = (ORIENTATION, ACROSS, DOWN)
    kept = [tags[tag] if tag in own else entry for tag, entry in entries if tag not in without]
    body[first : first + room] = (struct.pack(order + "H", len(kept)) + b"".join(kept)).ljust(room, b"\0")
    return MARK + bytes(body)


def with_numbers(exif: bytes, numbers: Mapping[int, int]) -> bytes:
    """Exif with these numbers in its inner directory, where it has such tags; raises ValueError where it cannot be."""
    body, order = _body(exif)
    outer = dict(_directory(body, order, _at(body, order, 4))[0])
    if EXIF_IFD not in outer:
        return exif
    place = _number(order, outer[EXIF_IFD])
    inner, _ = _directory(body, order, place)
    for index, (tag, entry) in enumerate(inner):
        if tag in numbers and not _is(order, entry, numbers[tag]):
            short = entry[2:4] == struct.pack(order + "H", SHORT) and numbers[tag] < 1 << 16
            packed = struct.pack(
                order + ("HHIHxx" if short else "HHII"), tag, SHORT if short else LONG, 1, numbers[tag]
            )
            body[place + 2 + index * ENTRY : place + 2 + (index + 1) * ENTRY] = packed
    return MARK + bytes(body)


def _body(exif: bytes) -> tuple[bytearray, str]:
    body = bytearray(exif)
    while body.startswith(MARK):
        del body[: len(MARK)]
    if bytes(body[:4]) not in ORDERS:
        raise ValueError("no Exif")
    return body, ORDERS[bytes(body[:4])]


def _at(body: bytearray, order: str, place: int) -> int:
    if not 0 < place <= len(body) - 4:
        raise ValueError("Exif that refers to places behind its end")
    return int(struct.unpack_from(order + "I", body, place)[0])


def _directory(body: bytearray, order: str, place: int) -> tuple[list[tuple[int, bytes]], int]:
    """A directory's entries as they lie, each with its tag, and the place of the next one."""
    _at(body, order, place)
    (count,) = struct.unpack_from(order + "H", body, place)
    follows = _at(body, order, place + 2 + count * ENTRY)
    if place < 8:
        raise ValueError("Exif whose directory lies in its head")
    entries = [bytes(body[start : start + ENTRY]) for start in range(place + 2, place + 2 + count * ENTRY, ENTRY)]
    return [(int(struct.unpack_from(order + "H", entry)[0]), entry) for entry in entries], follows


def _number(order: str, entry: bytes) -> int:
    _, kind, count = struct.unpack_from(order + "HHI", entry)
    if count != 1 or kind not in (SHORT, LONG):
        raise ValueError("Exif with a number of another type")
    return int(struct.unpack_from(order + ("H" if kind == SHORT else "I"), entry, 8)[0])


def _is(order: str, entry: bytes, number: int) -> bool:
    try:
        return _number(order, entry) == number
    except ValueError:  # of a type that it should not have
        return False


def _blank_thumbnail(body: bytearray, order: str, place: int) -> None:
    """Zeros for the small JPEG of the second directory, which shows the image as it was; a broken one stays."""
    try:
        tags = dict(_directory(body, order, place)[0])
        start, length = (_number(order, tags[tag]) for tag in (THUMBNAIL, THUMBNAIL_LENGTH))
    except (KeyError, ValueError):
        return
    if body[start : start + 2] == b"\xff\xd8" and start + length <= len(body):
        body[start : start + length] = bytes(length)
