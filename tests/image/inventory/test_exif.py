"""Exif is listed tag by tag, the same in either byte order, without what describes the file itself."""

import struct

from sharpcli.image.inventory.exif import exif_parts
from sharpcli.image.inventory.part import missing


def _exif(order: str, orientation: int = 1, artist: bytes = b"Zo\xc3\xab\0") -> bytes:
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
    tags = struct.pack(order + "HHHIHxx", 2, 274, 3, 1, orientation) + struct.pack(
        order + "HHII", 315, 2, len(artist), 38
    )
    return b"Exif\0\0" + head + tags + struct.pack(order + "I", 0) + artist


def test_tags_are_named_and_alike_in_both_byte_orders() -> None:
    little, big = exif_parts(_exif("<")), exif_parts(_exif(">", orientation=6))
    assert [one.name for one in little] == ["Artist"]
    assert little == big


def test_a_changed_byte_is_a_tag_that_was_lost() -> None:
    assert missing(exif_parts(_exif("<")), exif_parts(_exif("<", artist=b"Zo??\0"))) == (
        "not carried over: Exif (Artist)",
    )


def test_damaged_exif_is_listed_as_such() -> None:
    assert [one.kind for one in exif_parts(_exif("<")[:30])] == ["damaged Exif"]
