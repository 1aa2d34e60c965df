"""What a JPEG holds besides its pixels, carried from the file that is read into the one that is written, as bytes.

The keys of `Image.metadata` that it fills: `exif`, `xmp`, `icc_profile`, `photoshop`, `comments` (bytes each),
`extended_xmp`, `segments` (mark and payload of those that no other format knows) and `behind` (what lies behind the
image).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from sharpcli.image.jpeg.behind import GAIN_MAP, OTHER, VIDEO, Piece, pieces
from sharpcli.image.jpeg.extension import extension, in_segments, merged
from sharpcli.image.jpeg.kinds import BY_OTHERS, DROPPED, ICC, PHOTOSHOP, kind_of
from sharpcli.image.jpeg.mpf import PRIMARY, Entry, entries, index
from sharpcli.image.jpeg.segments import APP1, APP2, APP13, COMMENT, ROOM, Layout, Segment, layout, split
from sharpcli.image.tags import exif as exif_bytes
from sharpcli.image.tags.exif import MARK as EXIF
from sharpcli.image.tags.xmp import MARK as XMP
from sharpcli.image.tags.xmp import PROPERTIES, corrected

TIFF_STARTS = (b"II*\0", b"MM\0*")
BEFORE = 64
"""More bytes than an encoder writes before the segments that it is given."""
KEPT = ("", GAIN_MAP, VIDEO, OTHER)
Metadata = dict[str, Any]


@dataclass(frozen=True)
class Behind:
    """What lay behind an image of width x height pixels; `primary` is the image's attributes in an MPF index."""

    pieces: tuple[Piece, ...]
    size: tuple[int, int]
    upright: bool
    primary: int = PRIMARY

    def kept(self, size: tuple[int, int]) -> tuple[Piece, ...]:
        """What is true of the image at that size: a gain map lies pixel by pixel on it as it was."""
        same = self.upright and size == self.size
        left = [piece for piece in self.pieces if piece.kind in KEPT and (same or piece.kind != GAIN_MAP)]
        return tuple(left) if any(piece.kind for piece in left) else ()


def exif_blocks(found: Layout) -> list[bytes]:
    """Exif as its segments hold it: one that does not begin anew goes on with what the last one began."""
    blocks: list[bytes] = []
    for payload in found.payloads(APP1, EXIF):
        if blocks and payload[:4] not in TIFF_STARTS:
            blocks[-1] += payload
        else:
            blocks.append(EXIF + payload)
    return blocks


def icc_profile(found: Layout) -> bytes:
    """The colour profile, put together from its numbered parts; empty where there is none or not all of it."""
    parts = [part for part in found.payloads(APP2, ICC) if len(part) > 2]
    numbers = sorted({part[0]: part[2:] for part in parts}.items())
    whole = bool(parts) and [number for number, _ in numbers] == list(range(1, parts[0][1] + 1))
    return b"".join(part for _, part in numbers) if whole else b""


def described(found: Layout) -> dict[str, bytes]:
    """Exif, XMP and colour profile, those that are there."""
    texts = {
        "exif": next(iter(exif_blocks(found)), b""),
        "xmp": next(iter(found.payloads(APP1, XMP)), b""),
        "icc_profile": icc_profile(found),
    }
    return {key: value for key, value in texts.items() if value}


def carried(data: bytes, found: Layout, size: tuple[int, int], upright: bool) -> Metadata:
    """What a file holds for the next one, besides what `described` tells."""
    own = [one for one in found.segments if kind_of(one)[0] and not _by_others(one)]
    main = next(iter(found.payloads(APP1, XMP)), b"")
    index_of = entries(found)
    kept: Metadata = {
        "comments": tuple(one.payload for one in own if one.mark == COMMENT),
        "photoshop": b"".join(found.payloads(APP13, PHOTOSHOP)),
        "extended_xmp": extension(found, main) or b"",
        "segments": (
            *((one.mark, one.payload) for one in own if one.mark != COMMENT and kind_of(one)[0] not in DROPPED),
            *((APP1, block) for block in map(_upright, exif_blocks(found)[1:]) if block and len(block) <= ROOM),
        ),
    }
    behind = tuple(pieces(data, found))
    if any(piece.kind for piece in behind):
        kept["behind"] = Behind(behind, size, upright, index_of[0].attributes if index_of else PRIMARY)
    return {key: value for key, value in kept.items() if value}


def _by_others(segment: Segment) -> bool:
    return any(segment.mark == mark and segment.payload.startswith(start) for mark, start in BY_OTHERS)


def _upright(exif: bytes) -> bytes:
    with suppress(ValueError):
        return exif_bytes.upright(exif, ())
    return b""


def fitted(metadata: Metadata, size: tuple[int, int]) -> Metadata:
    """The same for a JPEG of width x height: without what is not so at that size, and XMP that knows it."""
    fits = dict(metadata)
    behind: Behind | None = metadata.get("behind")
    left = behind.kept(size) if behind else ()
    kinds = {piece.kind for piece in left}
    if GAIN_MAP not in kinds:
        segments = metadata.get("segments", ())
        fits["segments"] = tuple(one for one in segments if kind_of(Segment(*one))[0] != GAIN_MAP)
    if behind and left:
        fits["behind"] = left
        fits["primary"] = behind.primary
    else:
        fits.pop("behind", None)
    gone = PROPERTIES.keys() - kinds
    if metadata.get("extended_xmp"):
        gone -= {"extended XMP"}
        fits["extended_xmp"] = corrected(metadata["extended_xmp"], gone)
    return _with_xmp(fits, gone)


def elsewhere(metadata: Metadata) -> Metadata:
    """The same for a file of another format: one XMP if that can be, which speaks of nothing that only a JPEG holds."""
    rest = {key: value for key, value in metadata.items() if key not in ("segments", "behind")}
    if (extended := metadata.get("extended_xmp")) and (whole := merged(metadata["xmp"], extended)):
        rest["xmp"] = whole
        del rest["extended_xmp"]
    return _with_xmp(rest, set(PROPERTIES))


def _with_xmp(metadata: Metadata, gone: Iterable[str]) -> Metadata:
    if "xmp" in metadata:
        metadata["xmp"] = corrected(metadata["xmp"], set(gone))
        if not metadata["xmp"]:
            del metadata["xmp"]
    return metadata


def head(metadata: Metadata) -> bytes:
    """All segments between a JPEG's mark of itself and its tables, as `fitted` left them."""
    exif, xmp, extended = (metadata.get(key, b"") for key in ("exif", "xmp", "extended_xmp"))
    segments = split(APP1, EXIF, exif[len(EXIF) :]) if exif else []
    segments += split(APP13, PHOTOSHOP, metadata.get("photoshop", b""))
    segments += in_segments(xmp, extended) if xmp else []
    profile = split(APP2, ICC + b"\0\0", metadata.get("icc_profile", b""))
    for number, one in enumerate(profile, 1):
        segments.append(Segment(APP2, ICC + bytes((number, len(profile))) + one.payload[len(ICC) + 2 :]))
    segments += [Segment(*one) for one in metadata.get("segments", ())]
    for comment in metadata.get("comments", ()):
        segments += split(COMMENT, b"", comment) or [Segment(COMMENT, b"")]
    if indexed := _indexed(metadata):
        segments.append(index([Entry(metadata["primary"], 0, 0), *indexed]))
    return b"".join(one.file for one in segments)


def _indexed(metadata: Metadata, start: int = 0) -> list[Entry]:
    """The images of an index of what is carried behind the image, whose own end is at `start`."""
    found = []
    for piece in metadata.get("behind", ()):
        if piece.attributes is not None:
            found.append(Entry(piece.attributes, start, start + len(piece.content)))
        start += len(piece.content)
    return found


def append(file: BinaryIO, metadata: Metadata) -> None:
    """Write behind a JPEG file what was carried so, and into the index where it lies."""
    behind: tuple[Piece, ...] = metadata.get("behind", ())
    if not behind:
        return
    end = file.seek(0, 2)
    if indexed := _indexed(metadata, end):
        file.seek(0)
        found = layout(file.read(len(head(metadata)) + BEFORE))
        place = next(one.place for one in reversed(found.segments) if kind_of(one)[0] == "MPF index")
        file.seek(place)
        file.write(index([Entry(metadata["primary"], 0, end), *indexed], place + 8).file)
    file.seek(0, 2)
    for piece in behind:
        file.write(piece.content)
