"""Exif, XMP, a profile and further properties put into the boxes of an AVIF file that has one image."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable

from sharpcli.image.codecs.base import in_integers
from sharpcli.image.codecs.heif.boxes import XMP_TYPE, Box, Meta, box, boxes, read_meta
from sharpcli.image.metadata import Metadata
from sharpcli.image.tags.exif import MARK as EXIF_MARK


def with_items(encoded: bytes, metadata: Metadata) -> bytes:
    """The file with what the metadata has besides pixels; raises ValueError where it is none that libavif writes."""
    exif, xmp = metadata.get("exif", b"").removeprefix(EXIF_MARK), metadata.get("xmp", b"")
    items = [(b"Exif", bytes(4) + exif)] if exif else []
    items += [(b"mime", xmp)] if xmp else []
    properties = list(_properties(metadata))
    if not items and not properties:
        return encoded
    file = io.BytesIO(encoded)
    meta = read_meta(file)
    whole = next(one for one in boxes(file, 0, len(encoded)) if one.kind == b"meta")
    first = max(meta.items) + 1
    numbers = range(first, first + len(items))
    parts = {one.kind: one for one in boxes(file, whole.body + 4, whole.end)}
    bodies = {kind: encoded[one.body : one.end] for kind, one in parts.items()}
    bodies[b"iinf"] = _described(bodies[b"iinf"], numbers, items)
    bodies.setdefault(b"iref", bytes(4))
    for number in numbers:
        bodies[b"iref"] += box(b"cdsc", struct.pack(">HHH", number, 1, meta.primary))
    bodies[b"iprp"] = _with_properties(encoded, file, parts[b"iprp"], meta, properties)
    if not items:
        del bodies[b"iref"]
        if b"iref" in parts:
            bodies[b"iref"] = encoded[parts[b"iref"].body : parts[b"iref"].end]
    bodies[b"iloc"] = _located(meta, 0, numbers, items, 0)
    longer = 12 + sum(8 + len(body) for body in bodies.values()) - (whole.end - whole.start)
    bodies[b"iloc"] = _located(meta, longer, numbers, items, len(encoded) + longer + 8)
    new = box(b"meta", encoded[whole.body : whole.body + 4], *(box(kind, body) for kind, body in bodies.items()))
    data = box(b"mdat", *(body for _, body in items)) if items else b""
    return encoded[: whole.start] + new + encoded[whole.end :] + data


def _properties(metadata: Metadata) -> Iterable[bytes]:
    if "icc_profile" in metadata:
        yield box(b"colr", b"prof", metadata["icc_profile"])
    if "aspect" in metadata:
        across, down = in_integers(metadata["aspect"])
        yield box(b"pasp", struct.pack(">II", down, across))
    for kind, body in metadata.get("brightness", ()):
        yield box(kind, body)


def _described(body: bytes, numbers: Iterable[int], items: list[tuple[bytes, bytes]]) -> bytes:
    """The box iinf's body with further items."""
    version = body[0]
    count, size = int.from_bytes(body[4 : 8 if version else 6], "big"), 4 if version else 2
    entries = b""
    for number, (kind, _) in zip(numbers, items, strict=True):
        texts = b"\0" + (XMP_TYPE.encode() + b"\0" if kind == b"mime" else b"")
        entries += box(b"infe", b"\2\0\0\1", struct.pack(">HH", number, 0), kind, texts)  # hidden: it is no image
    return body[:4] + (count + len(items)).to_bytes(size, "big") + body[4 + size :] + entries


def _with_properties(encoded: bytes, file: io.BytesIO, iprp: Box, meta: Meta, properties: list[bytes]) -> bytes:
    """The box iprp's body, where the primary item has further properties."""
    old = len(meta.properties)
    bodies = []
    for one in boxes(file, iprp.body, iprp.end):
        body = encoded[one.body : one.end]
        if one.kind == b"ipco":
            body += b"".join(properties)
        elif one.kind == b"ipma":
            body = _associated(body, meta.primary, range(old + 1, old + 1 + len(properties)))
        bodies.append(box(one.kind, body))
    return b"".join(bodies)


def _associated(body: bytes, item: int, numbers: Iterable[int]) -> bytes:
    """The box ipma's body; raises ValueError unless it has small numbers, as libavif writes them."""
    if body[:4] != bytes(4):
        raise ValueError("properties that are numbered in an unusual way")
    place, found = 8, body[:8]
    for _ in range(int.from_bytes(body[4:8], "big")):
        head, count = body[place : place + 2], body[place + 2]
        known = body[place + 3 : place + 3 + count]
        place += 3 + count
        more = bytes(numbers) if int.from_bytes(head, "big") == item else b""
        found += head + bytes([count + len(more)]) + known + more
    return found


def _located(meta: Meta, longer: int, numbers: Iterable[int], items: list[tuple[bytes, bytes]], place: int) -> bytes:
    """The box iloc's body: what lies behind the box meta is `longer` bytes further back, the new items at `place`."""
    entries = [(number, [(at + longer, length) for at, length in item.extents]) for number, item in meta.items.items()]
    for number, (_, body) in zip(numbers, items, strict=True):
        entries.append((number, [(place, len(body))]))
        place += len(body)
    found = bytes(4) + b"\x44\0" + struct.pack(">H", len(entries))
    for number, extents in entries:
        found += struct.pack(">HHH", number, 0, len(extents))
        found += b"".join(struct.pack(">II", *extent) for extent in extents)
    return found
