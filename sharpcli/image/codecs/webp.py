"""WebP files: libwebp has the pixels, the chunks around them are read and written here (RFC 9649)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import QUALITY, Stored, doubt_zeros
from sharpcli.image.codecs.pillow import by_pillow, header
from sharpcli.image.complaints import complain
from sharpcli.image.image import Image, Pixels, to_pil
from sharpcli.image.metadata import Metadata
from sharpcli.image.tags.exif import MARK as EXIF_MARK

HEAD = 12
PIXELS = (b"VP8 ", b"VP8L", b"ALPH")
KNOWN = (*PIXELS, b"VP8X", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP ")
FLAGS = {b"ICCP": 0x20, b"EXIF": 0x08, b"XMP ": 0x04}
ALPHA = 0x10
MOST_CHUNKS = 1 << 16


@dataclass(frozen=True)
class Chunk:
    """A chunk whose body of `length` bytes lies at `place`."""

    name: bytes
    place: int
    length: int

    def body(self, file: BinaryIO) -> bytes:
        """What is in it."""
        file.seek(self.place)
        return file.read(self.length)


def chunks(file: BinaryIO) -> Iterator[Chunk]:
    """The chunks of an open WebP, up to the first that goes beyond the end; raises ValueError where there are too many.

    What lies behind the size that the file states is none of them.
    """
    place, size = HEAD, file.seek(0, 2)
    end = min(size, stated_end(file))
    count = 0
    while place + 8 <= end:
        file.seek(place)
        head = file.read(8)
        chunk = Chunk(head[:4], place + 8, int.from_bytes(head[4:], "little"))
        place += 8 + chunk.length + chunk.length % 2
        count += 1
        if chunk.place + chunk.length > end or count > MOST_CHUNKS:
            raise ValueError("a chunk that is longer than the file")
        yield chunk


def stated_end(file: BinaryIO) -> int:
    """Where the file should end."""
    file.seek(4)
    length = int.from_bytes(file.read(4), "little")
    return 8 + length + length % 2


def webp(file: BinaryIO) -> Stored:
    """The image of an open WebP; raises ImageError or what Pillow raises."""
    stored = by_pillow(header("WEBP", file), "WEBP", file)
    found = sound(file)
    for chunk in found:
        if chunk.name in PIXELS:
            doubt_zeros(chunk.body(file))
    more = {"lossless": any(chunk.name == b"VP8L" for chunk in found), **carried(file, found)}
    return replace(stored, metadata={**stored.metadata, **more})


def sound(file: BinaryIO) -> list[Chunk]:
    """The chunks of an open WebP; raises ImageError where they cannot be followed."""
    try:
        found = list(chunks(file))
    except ValueError as error:
        raise ImageError(f"is damaged or truncated ({error})") from error
    names = [chunk.name for chunk in found if chunk.name in FLAGS]
    if len(set(names)) < len(names):
        complain("a chunk is there twice, and the first counts")
    return found


def carried(file: BinaryIO, found: list[Chunk]) -> Metadata:
    """The chunks that only a WebP has."""
    others = tuple((chunk.name, chunk.body(file)) for chunk in found if chunk.name not in (*KNOWN, b"C2PA"))
    return {"webp": others} if others else {}


def write_webp(file: BinaryIO, image: Image, metadata: Metadata, quality: int | None) -> None:
    """Write a WebP: the pixels by libwebp, the chunks around them as they are; raises OSError, ValueError."""
    pixels = coded(image.pixels, image.mode, quality, lossless=bool(metadata.get("lossless")))
    found = {chunk.name: chunk.body(pixels) for chunk in chunks(pixels)}
    before, behind = around(metadata)
    if not before and not behind:
        file.write(pixels.getbuffer())
        return
    height, width = image.pixels.shape[:2]
    flags = ALPHA if _is_clear(found) else 0
    parts = [extended(width, height, flags, before + behind), *before]
    parts += [(name, body) for name, body in found.items() if name in PIXELS]
    body = b"".join(packed(*part) for part in (*parts, *behind))
    file.write(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body)


def coded(pixels: Pixels, mode: str, quality: int | None, *, lossless: bool) -> io.BytesIO:
    """A WebP file of H x W x C without anything else; with a `quality` never without loss."""
    file = io.BytesIO()
    options = (
        {"lossless": True, "exact": True, "quality": 20, "method": 0}
        if lossless and quality is None
        else {"quality": quality or QUALITY, "method": 1}
    )
    to_pil(pixels, mode).save(file, "WEBP", **options)
    return file


def around(metadata: Metadata) -> tuple[list[tuple[bytes, bytes]], list[tuple[bytes, bytes]]]:
    """The chunks before and behind the pixels."""
    said = {b"ICCP": "icc_profile", b"EXIF": "exif", b"XMP ": "xmp"}
    texts: dict[bytes, bytes] = {name: metadata[key] for name, key in said.items() if metadata.get(key)}
    if b"EXIF" in texts:
        texts[b"EXIF"] = texts[b"EXIF"].removeprefix(EXIF_MARK)
    before = [(b"ICCP", texts.pop(b"ICCP"))] if b"ICCP" in texts else []
    return before, [*texts.items(), *metadata.get("webp", ())]


def extended(width: int, height: int, flags: int, others: list[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    """The chunk VP8X of a file that has these chunks besides its pixels."""
    flags |= sum({name: FLAGS.get(name, 0) for name, _ in others}.values())
    sides = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    return b"VP8X", bytes([flags, 0, 0, 0]) + sides


def packed(name: bytes, body: bytes) -> bytes:
    """A chunk as it lies in a file."""
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _is_clear(coded: dict[bytes, bytes]) -> bool:
    """Whether the pixels have transparency: their own chunk for it, or a bit in a lossless one's header."""
    return b"ALPH" in coded or bool(coded.get(b"VP8L", bytes(5))[4] & 0x10)
