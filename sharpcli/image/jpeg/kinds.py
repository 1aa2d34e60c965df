"""What each segment of a JPEG is for, in a person's words."""

from __future__ import annotations

from sharpcli.image.jpeg.segments import APP0, APP1, APP2, APP11, APP13, COMMENT, Segment
from sharpcli.image.tags.exif import MARK as EXIF
from sharpcli.image.tags.xmp import MARK as XMP

EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
ICC, MPF, PHOTOSHOP = b"ICC_PROFILE\0", b"MPF\0", b"Photoshop 3.0\0"
GAIN_MAP_VERSION = b"urn:iso:std:iso:ts:21496:-1\0"
BY_OTHERS = {
    (APP1, EXIF): "Exif",
    (APP1, XMP): "XMP",
    (APP1, EXTENSION): "extended XMP",
    (APP2, ICC): "ICC profile",
    (APP2, MPF): "MPF index",
    (APP13, PHOTOSHOP): "Photoshop data",
}
"""Segments that are put together before they mean something, or written anew."""
CODING = (
    (APP0, b"JFIF\0"),
    (APP0, b"JFXX\0"),  # a thumbnail, which shows the image as it was
    (APP0, b"AVI1"),
    (0xE8, b"SPIFF\0"),
    (0xEE, b"Adobe"),
)
"""Segments that tell how the pixels are coded, which the encoder writes itself."""
KNOWN = (
    (APP1, b"FLIR\0", "FLIR thermal data"),
    (APP2, GAIN_MAP_VERSION, "HDR gain map"),
    (APP11, b"JP", "C2PA/JUMBF"),
    (0xE3, b"\xff\xd8\xff", "preview"),
    (0xE4, b"\xff\xd8\xff", "preview"),
    (0xE5, b"\xff\xd8\xff", "preview"),
    (0xE4, b"\xaa\x55", "DJI data"),
    (0xE7, b"DJI-DBG\0", "DJI data"),
)
DROPPED = frozenset({"preview", "C2PA/JUMBF"})
"""What shows or signs the image as it was."""
DUCKY, DUCKY_QUALITY = (0xEC, b"Ducky"), 11
"""Photoshop's note of its quality, this long; a longer one has texts too."""


def kind_of(segment: Segment) -> tuple[str, str]:
    """The kind and name of what a segment holds; an empty kind for what belongs to the coding."""
    mark, payload = segment.mark, segment.payload
    if mark == COMMENT:
        return "comment", ""
    if not APP0 <= mark <= 0xEF:
        return "", ""
    for (of, start), kind in BY_OTHERS.items():
        if mark == of and payload.startswith(start):
            return kind, ""
    if any(mark == of and payload.startswith(start) for of, start in CODING):
        return "", ""
    if mark == DUCKY[0] and payload.startswith(DUCKY[1]) and len(payload) <= len(DUCKY[1]) + DUCKY_QUALITY:
        return "", ""
    kind = next((kind for of, start, kind in KNOWN if mark == of and payload.startswith(start)), "APPn segment")
    word = payload[:20].split(b"\0")[0].decode("ascii", "replace").strip()
    named = f" {word}" if word.isprintable() and word.isascii() and len(word) > 1 else ""
    return kind, f"APP{mark - APP0}{named}" if kind == "APPn segment" else ""
