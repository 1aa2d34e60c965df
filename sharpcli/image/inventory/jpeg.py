"""What a JPEG file holds: segment by segment, and what lies behind its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sharpcli.image.inventory.exif import exif_parts
from sharpcli.image.inventory.part import Part, part
from sharpcli.image.inventory.photoshop import photoshop_parts
from sharpcli.image.jpeg.behind import pieces
from sharpcli.image.jpeg.carry import exif_blocks, icc_profile
from sharpcli.image.jpeg.kinds import ICC, PHOTOSHOP, kind_of
from sharpcli.image.jpeg.segments import APP0, APP2, APP13, Layout, layout

JFIF, PLAIN = b"JFIF\0", b"\0\0\1\0\1"
"""JFIF's mark, and what it says of the density where it says nothing."""
TOGETHER = ("Exif", "ICC profile", "Photoshop data", "MPF index")
"""Kinds that mean something only with all their segments put together."""


def jpeg_parts(file: BinaryIO) -> Iterator[Part]:
    """The parts of an open JPEG file."""
    data = file.read()
    found = layout(data)
    for block in exif_blocks(found):
        yield from exif_parts(block)
    yield from photoshop_parts(b"".join(found.payloads(APP13, PHOTOSHOP)))
    yield from _colors(found)
    extended = False
    for one in found.segments:
        kind, name = kind_of(one)
        if kind == "comment":
            yield part(kind, one.payload)
        elif kind == "XMP":
            yield Part(kind)
        elif kind == "extended XMP":
            if not extended:
                yield Part(kind)
            extended = True
        elif kind and kind not in TOGETHER:
            yield part(kind, one.payload, name)
        elif one.mark == APP0 and one.payload.startswith(JFIF) and one.payload[7:12] != PLAIN:
            yield Part("print size")
    for piece in pieces(data, found):
        if piece.kind:
            yield part(piece.kind, piece.content)


def _colors(found: Layout) -> Iterator[Part]:
    if profile := icc_profile(found):
        yield part("ICC profile", profile, color=True)
    elif damaged := found.payloads(APP2, ICC):
        yield part("ICC profile", b"".join(damaged), color=True)
