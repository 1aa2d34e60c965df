"""The chunks of a PNG file: where each lies, which are whole, and what those with texts say (PNG, third edition)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from sharpcli.errors import ImageError
from sharpcli.image.tags.exif import MARK as EXIF_MARK
from sharpcli.image.tags.xmp import MARK as XMP_MARK

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
MOST_CHUNKS, MOST_UNPACKED, MOST_TRIES, PIECE = 1 << 19, 1 << 24, 16, 1 << 20
"""Chunks of one file; bytes that a text may unpack to, texts that are unpacked; bytes that are looked at a time."""
XMP_KEYS = ("XML:com.adobe.xmp", "Raw profile type xmp")
EXIF_KEYS = ("Raw profile type exif", "Raw profile type APP1")
RESOURCE_KEYS = ("Raw profile type 8bim", "Raw profile type iptc")
RESOURCES, IPTC, IPTC_RESOURCE = b"8BIM", b"\x1c", b"8BIM\x04\x04\0\0"


@dataclass(frozen=True)
class Chunk:
    """A chunk whose body of `length` bytes lies at `place`; `pixels` counts the IDAT chunks before it."""

    name: bytes
    place: int
    length: int
    pixels: int = 0

    @property
    def span(self) -> tuple[int, int]:
        """Where it begins and ends in its file, with its length and its checksum."""
        return self.place - 8, self.place + self.length + 4

    def body(self, file: BinaryIO) -> bytes:
        """What is in it."""
        file.seek(self.place)
        return file.read(self.length)


@dataclass(frozen=True)
class Layout:
    """The sound chunks of a PNG in their order, the names of the broken ones, and the place behind its IEND, or -1."""

    chunks: tuple[Chunk, ...]
    broken: tuple[str, ...]
    end: int

    @property
    def pixels(self) -> int:
        """How many chunks hold the pixels."""
        return sum(chunk.name == b"IDAT" for chunk in self.chunks)

    def first(self, name: bytes) -> Chunk | None:
        """The first chunk of that name."""
        return next((chunk for chunk in self.chunks if chunk.name == name), None)


def layout(file: BinaryIO) -> Layout:
    """Go through an open PNG file from chunk to chunk; those of the pixels are not read. Raises ImageError."""
    size = file.seek(0, 2)
    place, pixels = len(SIGNATURE), 0
    chunks: list[Chunk] = []
    broken: list[str] = []
    while True:
        file.seek(place)
        head = file.read(8)
        if pixels and place + len(head) >= size and b"IEND".startswith(head[4:]):  # every pixel's chunk is whole
            return Layout(tuple(chunks), tuple(broken), -1)
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8 or place + 12 + length > size + (4 if name == b"IEND" else 0):
            raise ImageError("is damaged or truncated (a chunk of the PNG is longer than the file)")
        if not name.isalpha() or len(chunks) >= MOST_CHUNKS:
            raise ImageError("is damaged or truncated (what follows a chunk of the PNG is none)")
        chunk = Chunk(name, place + 8, length, pixels)
        place += 12 + length
        whole = name == b"IDAT" or _whole(file, chunk)
        if name[:1].isupper():
            if name not in CRITICAL:
                raise ImageError(f"is a PNG of an unusual kind (chunk {name.decode()}); save it as an ordinary PNG")
            if not whole and name != b"IEND":
                raise ImageError(f"is damaged or truncated (wrong checksum of the PNG's {name.decode()})")
        elif not whole:
            broken.append(name.decode())
            continue
        pixels += name == b"IDAT"
        if name == b"IEND":
            if not whole:
                broken.append("IEND")
            return Layout(tuple(chunks), tuple(broken), min(place, size))
        chunks.append(chunk)


def _whole(file: BinaryIO, chunk: Chunk) -> bool:
    found = zlib.crc32(chunk.name)
    file.seek(chunk.place)
    for start in range(0, chunk.length, PIECE):
        found = zlib.crc32(file.read(min(PIECE, chunk.length - start)), found)
    return file.read(4) == found.to_bytes(4, "big")


def packed(name: bytes, body: bytes) -> bytes:
    """A chunk as it lies in a file."""
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def unpacked(packed: bytes) -> bytes | None:
    """What zlib's format holds; None where that is damaged or more than 16 MB."""
    with suppress(zlib.error):
        stream = zlib.decompressobj()
        content = stream.decompress(packed, MOST_UNPACKED)
        if stream.eof:
            return content
    return None


def keyword(body: bytes) -> str:
    """What a text chunk is about."""
    return body.partition(b"\0")[0].decode("latin-1")


def text(name: bytes, body: bytes) -> bytes | None:
    """The bytes of a text chunk's text; None where they cannot be unpacked."""
    _, _, rest = body.partition(b"\0")
    if name == b"tEXt":
        return rest
    if name == b"zTXt":
        return unpacked(rest[1:])
    flags, parts = rest[:2], rest[2:].split(b"\0", 2)  # language and translated keyword come before the text
    if len(parts) < 3:
        return None
    return unpacked(parts[2]) if flags[:1] == b"\1" else parts[2]


def raw_profile(content: bytes) -> bytes | None:
    """The bytes that ImageMagick's texts "Raw profile type ..." spell out in hexadecimal; None if they do not."""
    found = re.fullmatch(rb"\s*[\w ]+\s+(\d+)\s+([0-9a-fA-F\s]*)", content)
    if found is None:
        return None
    with suppress(ValueError):
        profile = bytes.fromhex(found[2].decode("ascii"))
        return profile if len(profile) == int(found[1]) else None
    return None


def texts(file: BinaryIO, found: Layout) -> Iterator[tuple[bytes, bytes, tuple[str, bytes] | None]]:
    """The text chunks: name, body, and what `exif_or_xmp` finds in them, for the first of the file that may hold it."""
    tries = 0
    for chunk in found.chunks:
        if chunk.name in TEXTS:
            body = chunk.body(file)
            tries += keyword(body) in (*XMP_KEYS, *EXIF_KEYS, *RESOURCE_KEYS)
            yield chunk.name, body, exif_or_xmp(chunk.name, body) if tries <= MOST_TRIES else None


def resources(name: bytes, body: bytes) -> bytes:
    """Photoshop's resources, or IPTC as one of them, that a text chunk spells out; empty where it does not."""
    content = text(name, body) if keyword(body) in RESOURCE_KEYS else None
    profile = (raw_profile(content) if content else None) or b""
    if profile.startswith(IPTC):
        return IPTC_RESOURCE + len(profile).to_bytes(4, "big") + profile + bytes(len(profile) % 2)
    return profile if profile.startswith(RESOURCES) else b""


def resources_text(found: bytes) -> tuple[bytes, bytes]:
    """The text chunk that spells out Photoshop's resources, as ImageMagick and exiftool read it."""
    return b"zTXt", RESOURCE_KEYS[0].encode() + b"\0\0" + zlib.compress(
        b"\n8bim\n%8d\n%s\n" % (len(found), found.hex().encode())
    )


def exif_or_xmp(name: bytes, body: bytes) -> tuple[str, bytes] | None:
    """What a text chunk holds that is no text: ("exif" or "xmp", its bytes), None for a text."""
    key = keyword(body)
    if key not in (*XMP_KEYS, *EXIF_KEYS):
        return None
    content = text(name, body)
    if key.startswith("Raw") and content is not None:
        content = raw_profile(content)
    if not content:
        return None
    if content.startswith(XMP_MARK):
        return "xmp", content[len(XMP_MARK) :]
    if key in XMP_KEYS:
        return "xmp", content
    return ("exif", content.removeprefix(EXIF_MARK)) if content.startswith((EXIF_MARK, b"II", b"MM")) else None
