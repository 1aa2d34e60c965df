"""What a WebP file holds: chunk by chunk, and what lies behind its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sharpcli.image.codecs.webp import PIXELS, chunks, stated_end
from sharpcli.image.inventory.exif import exif_parts
from sharpcli.image.inventory.part import Part, part


def webp_parts(file: BinaryIO) -> Iterator[Part]:
    """The parts of an open WebP; raises ValueError where its chunks cannot be followed."""
    for chunk in chunks(file):
        if chunk.name == b"EXIF":
            yield from exif_parts(chunk.body(file))
        elif chunk.name == b"XMP ":
            yield Part("XMP")
        elif chunk.name == b"ICCP":
            yield part("ICC profile", chunk.body(file), color=True)
        elif chunk.name == b"C2PA":
            yield part("C2PA/JUMBF", chunk.body(file))
        elif chunk.name not in (*PIXELS, b"VP8X", b"ANIM", b"ANMF"):
            yield part("WebP chunk", chunk.body(file), chunk.name.decode("latin-1").strip())
    end = stated_end(file)
    if end < file.seek(0, 2):
        file.seek(end)
        yield part("data behind the image", file.read())
