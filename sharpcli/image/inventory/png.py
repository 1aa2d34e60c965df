"""What a PNG file holds: chunk by chunk, and what lies behind its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sharpcli.image.codecs.png_chunks import TEXTS, exif_or_xmp, keyword, layout, text, unpacked
from sharpcli.image.inventory.exif import exif_parts
from sharpcli.image.inventory.part import Part, part

UNLISTED = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iDOT", b"gAMA", b"cHRM", b"sRGB")
"""Of the pixels and their coding, and the colours that are kept or refused before anything is written."""
COLOR = (b"cICP", b"mDCV", b"cLLI")


def png_parts(file: BinaryIO) -> Iterator[Part]:
    """The parts of an open PNG file; raises ImageError where its chunks cannot be followed."""
    found = layout(file)
    disguised: set[tuple[str, bytes]] = set()
    for chunk in found.chunks:
        body = b"" if chunk.name in UNLISTED else chunk.body(file)
        if chunk.name in TEXTS:
            held = exif_or_xmp(chunk.name, body)
            if held not in disguised:
                yield from _text_parts(chunk.name, body, held)
            if held:
                disguised.add(held)
        elif chunk.name not in UNLISTED:
            yield from _chunk_parts(chunk.name, body)
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


def _text_parts(name: bytes, body: bytes, held: tuple[str, bytes] | None) -> Iterator[Part]:
    if held and held[0] == "exif":
        yield from exif_parts(held[1])
    elif held:
        yield Part("XMP")
    elif keyword(body) == "Comment" and (content := text(name, body)) is not None:
        yield part("comment", content)
    else:
        yield part("text", body, keyword(body))
