"""What a GIF file holds besides its frames: comments, XMP, a profile, extensions of programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sharpcli.image.codecs.gif.blocks import blocks
from sharpcli.image.inventory.part import Part, part


def gif_parts(file: BinaryIO) -> Iterator[Part]:
    """The parts of an open GIF; raises ImageError where its blocks cannot be followed."""
    found = blocks(file)
    yield from (part("comment", one) for one in found.comments)
    if found.xmp:
        yield Part("XMP")
    if found.profile:
        yield part("ICC profile", found.profile, color=True)
    for one in found.applications:
        yield part("GIF extension", one, one[3:11].decode("latin-1").strip())
    yield from (part("GIF text block", one) for one in found.texts)
    if 0 <= found.end < file.seek(0, 2):
        file.seek(found.end)
        yield part("data behind the image", file.read())
