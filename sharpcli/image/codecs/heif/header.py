"""What HEIF files (AVIF, HEIC) say of their image: size, depth, colours, how it is turned, Exif and XMP."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO

from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import SEVERAL, SeveralError
from sharpcli.image.codecs.heif.boxes import CODED, XMP_TYPE, Meta, boxes, content, read_meta
from sharpcli.image.codecs.pillow import orientation_and_metadata
from sharpcli.image.complaints import complain
from sharpcli.image.metadata import Metadata

SRGB, UNSPECIFIED = (1, 13), (2, 2)
"""Primaries and transfer (ITU-T H.273) with which colours mean what they mean to formats that cannot tell."""
ALPHA = ("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", "urn:mpeg:hevc:2015:auxid:1")
COLOR_CODES = (b"nclx", b"prof", b"rICC")
BRIGHTNESS = (b"clli", b"mdcv", b"cclv", b"amve")
"""Properties of the screen that an image was made for; they stay true."""


CODINGS = (b"av01", b"hvc1", b"hev1")


@dataclass(frozen=True)
class Said:
    """What the boxes say: sides before clipping, `clip` (left, top, width, height), bits, chroma such as "420".

    `coding` is the kind of the items that hold the pixels, `hvc1` or `av01`.
    """

    meta: Meta
    coding: bytes
    width: int
    height: int
    clip: tuple[int, int, int, int]
    mode: str
    bits: int
    chroma: str
    orientation: int
    metadata: Metadata
    notes: tuple[str, ...]


def said(file: BinaryIO, *, moving: bool = False) -> Said:
    """What an open AVIF or HEIC says of its image, `moving` where it may be an AVIF's sequence; raises ImageError."""
    try:
        meta = read_meta(file)
        if any(item not in meta.items for _, start, to in meta.references for item in (start, *to)):
            complain("it refers to an item that is not there")
        if not moving:
            refuse_several(file, meta)
        return _said(file, meta)
    except (ValueError, struct.error, KeyError, IndexError) as error:
        raise ImageError(f"is damaged or truncated ({error})") from error


def refuse_several(file: BinaryIO, meta: Meta) -> None:
    """Refuse sequences, and files of more than one image that is to be seen; raises ImageError.

    Of the sequences those that are AVIFs are read elsewhere.
    """
    if any(item != meta.primary for item in images(meta)):
        raise ImageError(SEVERAL)
    if _samples(file) > 1:
        raise SeveralError if meta.items[meta.primary].kind in (b"av01", b"grid") else ImageError(SEVERAL)


def images(meta: Meta) -> list[int]:
    """The items that a viewer shows: no parts of others, no thumbnails, masks or maps."""
    beside = {start for kind, start, _ in meta.references if kind in (b"auxl", b"thmb")}
    within = {item for kind, _, to in meta.references if kind == b"dimg" for item in to}
    return [
        number
        for number, item in meta.items.items()
        if item.kind in CODED
        and item.kind != b"tmap"
        and not item.hidden
        and (number == meta.primary or number not in beside | within)
    ]


def _samples(file: BinaryIO) -> int:
    """The most pictures that a track has."""
    for box in boxes(file, 0, file.seek(0, 2)):
        if box.kind == b"moov" and box.end - box.body < 1 << 24:
            file.seek(box.body)
            counts = file.read(box.end - box.body).split(b"stsz")[1:]
            return max((int.from_bytes(rest[8:12], "big") for rest in counts), default=0)
    return 0


def auxiliary(meta: Meta, item: int) -> str:
    """What an auxiliary image is, by its name in the standards; empty for others."""
    body = dict(meta.of(item)).get(b"auxC", b"")
    return body[4:].partition(b"\0")[0].decode("latin-1")


def _said(file: BinaryIO, meta: Meta) -> Said:
    properties = dict(meta.of(meta.primary))
    coded = properties
    for part in meta.parts(meta.primary)[:1]:  # a grid's tiles are alike
        coded = {**dict(meta.of(part)), **properties}
    if not properties or b"ispe" not in properties:
        raise ValueError("no image")
    width, height = struct.unpack_from(">II", properties[b"ispe"], 4)
    bits, chroma = _coding(coded)
    alpha = any(
        kind == b"auxl" and meta.primary in to and auxiliary(meta, start) in ALPHA
        for kind, start, to in meta.references
    )
    colors = [body for kind, body in meta.of(meta.primary) if kind == b"colr"]
    colors += [body for part in meta.parts(meta.primary)[:1] for kind, body in meta.of(part) if kind == b"colr"]
    info: dict[Any, Any] = {**_texts(file, meta)}
    if any(body[:4] not in COLOR_CODES for body in colors):
        complain("its colours are told in a way that is not known")
    profile = next((body[4:] for body in colors if body[:4] in (b"prof", b"rICC")), b"")
    if profile:
        info["icc_profile"] = profile
    bare = PILImage.Image()
    bare.info = info
    _, metadata, notes = orientation_and_metadata(bare)  # Exif's orientation does not count in these files
    orientation = _orientation(meta)
    metadata["chroma"] = chroma
    code = next((struct.unpack_from(">HHH", body, 4) for body in colors if body[:4] == b"nclx"), None)
    if code:
        metadata["nclx"] = code
        if code[:2] not in (SRGB, UNSPECIFIED):
            metadata["chunks"] = ((b"cICP", bytes((code[0] & 255, code[1] & 255, 0, 1))),)
    if bits > 8:
        metadata["bits"] = bits
    if b"pasp" in properties:
        across, down = struct.unpack_from(">II", properties[b"pasp"])
        if across != down and across and down:
            metadata["aspect"] = (across, down) if orientation > 4 else (down, across)
    bright = tuple((kind, body) for kind, body in meta.of(meta.primary) if kind in BRIGHTNESS)
    if bright:
        metadata["brightness"] = bright
    mode = ("L" if chroma == "400" else "RGB") + ("A" if alpha else "")
    clip = _clip(properties.get(b"clap"), width, height)
    coding = meta.items[next(iter(meta.parts(meta.primary)), meta.primary)].kind
    if coding not in CODINGS:
        raise ImageError(f"holds an image coded as {coding.decode('latin-1')}, which is not supported; save it as PNG")
    return Said(meta, coding, width, height, clip, mode, bits, chroma, orientation, metadata, notes)


def _coding(properties: dict[bytes, bytes]) -> tuple[int, str]:
    """Bits a channel and the sampling of colours, from the decoder's configuration."""
    if av1 := properties.get(b"av1C"):
        flags = av1[2]
        bits = (12 if flags & 0x20 else 10) if flags & 0x40 else 8
        if flags & 0x10:
            return bits, "400"
        return bits, {(1, 1): "420", (1, 0): "422"}.get((flags >> 3 & 1, flags >> 2 & 1), "444")
    if hevc := properties.get(b"hvcC"):
        return (hevc[17] & 7) + 8, ("400", "420", "422", "444")[hevc[16] & 3]
    bits = max(properties.get(b"pixi", b"")[5:], default=8)
    return bits, "444"


def _texts(file: BinaryIO, meta: Meta) -> dict[str, bytes]:
    """Exif and XMP of the image."""
    found: dict[str, bytes] = {}
    for number, item in meta.items.items():
        if item.kind == b"Exif" and "exif" not in found:
            body = content(file, meta, number)
            found["exif"] = body[4 + int.from_bytes(body[:4], "big") :]
        elif item.kind == b"mime" and item.content_type == XMP_TYPE and "xmp" not in found:
            found["xmp"] = content(file, meta, number)
    return {key: value for key, value in found.items() if value}


def _orientation(meta: Meta) -> int:
    """Exif's word for how the image is turned and mirrored, in the order of its properties."""
    down, across = [1, 0], [0, 1]  # the ways in what is stored that lead down and to the right in what is seen
    for kind, body in meta.of(meta.primary):
        if kind == b"irot":
            for _ in range(body[0] & 3):  # anti-clockwise
                down, across = [-one for one in across], down
        elif kind == b"imir":
            if body[0] & 1:
                across = [-one for one in across]
            else:
                down = [-one for one in down]
    return TURNS[(*down, *across)]


TURNS: dict[tuple[int, ...], int] = {
    (1, 0, 0, 1): 1,
    (1, 0, 0, -1): 2,
    (-1, 0, 0, -1): 3,
    (-1, 0, 0, 1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}
"""Exif's orientations, by the stored direction of the seen rows' order and of the seen columns'."""


def _clip(clap: bytes | None, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, width and height of what is seen; raises ImageError where that ends within a pixel."""
    if clap is None:
        return 0, 0, width, height
    numbers = struct.unpack_from(">IIIIiIiI", clap)
    wide, high, right, low = (Fraction(numbers[at], numbers[at + 1] or 1) for at in (0, 2, 4, 6))
    left, top = (width - wide) / 2 + right, (height - high) / 2 + low
    places = (left, top, wide, high)
    if any(place.denominator > 1 or place < 0 for place in places) or left + wide > width or top + high > height:
        raise ImageError("is clipped within a pixel or beyond its edge (box clap), which is not supported")
    return int(left), int(top), int(wide), int(high)
