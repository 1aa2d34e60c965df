"""What a PNG file holds: chunk by chunk, and what lies behind its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sharpcli.image.codecs.png.chunks import MOST_TRIES, TEXTS, keyword, layout, resources, text, texts, unpacked
from sharpcli.image.inventory.exif import exif_parts
from sharpcli.image.inventory.part import Part, part
from sharpcli.image.inventory.photoshop import photoshop_parts

MOVING = (b"acTL", b"fcTL", b"fdAT")
UNLISTED = (*MOVING, b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iDOT", b"gAMA", b"cHRM", b"sRGB")
"""Of the pixels and their coding, and the colours that are kept or refused before anything is written."""
COLOR = (b"cICP", b"mDCV", b"cLLI")


def png_parts(file: BinaryIO) -> Iterator[Part]:
    """The parts of an open PNG file; raises ImageError where its chunks cannot be followed."""
    found = layout(file)
    for chunk in found.chunks:
        if chunk.name not in (*UNLISTED, *TEXTS):
            yield from _chunk_parts(chunk.name, chunk.body(file))
    seen: set[tuple[str, bytes]] = set()
    comments = 0
    for number, (name, body, disguised) in enumerate(texts(file, found)):
        if disguised and disguised not in seen:
            seen.add(disguised)
            yield from exif_parts(disguised[1]) if disguised[0] == "exif" else [Part("XMP")]
        elif not disguised:
            held = resources(name, body) if number < MOST_TRIES else b""
            if held:
                yield from photoshop_parts(held)
                continue
            comments += keyword(body) == "Comment"
            content = text(name, body) if keyword(body) == "Comment" and comments <= MOST_TRIES else None
            yield part("text", body, keyword(body)) if content is None else part("comment", content)
    if 0 <= found.end < file.seek(0, 2):
        file.seek(found.end)
        yield part("data behind the image", file.read())


def _chunk_parts(name: bytes, body: bytes) -> Iterator[Part]:
    if name == b"eXIf":
        yield from exif_parts(body)
    elif name == b"iCCP":
        yield part("ICC profile", unpacked(body.partition(b"\0")[2][1:]) or body, color=True)
    elif name == b"pHYs":
        yield Part("print size")
    elif name == b"caBX":
        yield part("C2PA/JUMBF", body)
    elif name == b"bKGD":
        yield Part("PNG chunk", "bKGD")  # in other numbers where the depth is another
    elif name != b"sBIT" or not {8, 16}.issuperset(body):  # that all bits count is so without it
        yield part("PNG chunk", body, name.decode(), color=name in COLOR)
