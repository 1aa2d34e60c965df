"""XMP that is too long for one segment of a JPEG, and lies in two documents there (XMP specification, part 3)."""

from __future__ import annotations

import re
from contextlib import suppress
from hashlib import md5

from sharpcli.image.jpeg.kinds import EXTENSION
from sharpcli.image.jpeg.segments import APP1, ROOM, Layout, Segment
from sharpcli.image.tags.xmp import MARK as XMP
from sharpcli.image.tags.xmp import NOTE, RDF, Element, corrected, elements

LONGEST = ROOM - len(XMP)
GUID = re.compile(rb"""(HasExtendedXMP(?:\s*=\s*["']|\s*>\s*))([0-9A-Fa-f]{32})""")
HEAD = len(EXTENSION) + 32 + 8
"""An extension segment's first bytes: its mark, the whole's MD5 in hex, its length, and where this part belongs."""
STUB = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="' + RDF.encode() + b'"><rdf:Description rdf:about=""'
    b' xmlns:xmpNote="' + NOTE.encode() + b'" xmpNote:HasExtendedXMP="%s"/></rdf:RDF></x:xmpmeta>'
)


def extension(found: Layout, xmp: bytes) -> bytes | None:
    """The document that `xmp` names as its extension; None where it names none, or not all of it is there."""
    named = GUID.search(xmp)
    if not named:
        return None
    parts: dict[int, bytes] = {}
    length = 0
    for payload in found.payloads(APP1, EXTENSION):
        if payload[:32].upper() == named[2].upper() and len(payload) > 40:
            length = int.from_bytes(payload[32:36], "big")
            parts.setdefault(int.from_bytes(payload[36:40], "big"), payload[40:])
    whole = b"".join(parts[place] for place in sorted(parts))
    places = [sum(len(parts[earlier]) for earlier in parts if earlier < place) for place in sorted(parts)]
    return whole if whole and len(whole) == length and places == sorted(parts) else None


def in_segments(xmp: bytes, extended: bytes) -> list[Segment]:
    """The segments of XMP and its extension, which may be empty; the extension's name is its MD5."""
    if len(xmp) > LONGEST and not extended:
        xmp, extended = STUB % (b"0" * 32), xmp
    if not extended:
        return [Segment(APP1, XMP + xmp)]
    digest = md5(extended, usedforsecurity=False).hexdigest().upper().encode()
    segments = []
    for place in range(0, len(extended), ROOM - HEAD):
        numbers = len(extended).to_bytes(4, "big") + place.to_bytes(4, "big")
        segments.append(Segment(APP1, EXTENSION + digest + numbers + extended[place : place + ROOM - HEAD]))
    return [Segment(APP1, XMP + GUID.sub(rb"\g<1>" + digest, xmp)), *segments]


def merged(xmp: bytes, extended: bytes) -> bytes | None:
    """Both documents as one, for files that have room for it; None where they cannot be put together."""
    with suppress(ValueError):
        inner, outer = elements(extended), elements(xmp)
        target, source = _rdf(outer), _rdf(inner)
        names = dict(re.findall(rb"""(xmlns:[\w.-]+)\s*=\s*["']([^"']*)["']""", _tags_around(extended, inner, source)))
        there = dict(re.findall(rb"""(xmlns:[\w.-]+)\s*=\s*["']([^"']*)["']""", _tags_around(xmp, outer, target)))
        if any(there.get(name, space) != space for name, space in names.items()):
            return None
        declared = b"".join(b' %s="%s"' % pair for pair in names.items() if pair[0] not in there)
        added = b"".join(extended[one.start : one.end] for one in source.inner)
        end = xmp.rindex(b"</", target.tag_end, target.end)
        whole = xmp[: target.tag_end - 1] + declared + xmp[target.tag_end - 1 : end] + added + xmp[end:]
        elements(whole)
        return corrected(whole, {"extended XMP"})
    return None


def _rdf(root: Element) -> Element:
    found = next((element for element in root.all() if element.name == (RDF, "RDF")), None)
    if found is None or found.tag_end == found.end:
        raise ValueError("XMP without RDF")
    return found


def _tags_around(document: bytes, root: Element, rdf: Element) -> bytes:
    """The start tags of the root and of its RDF, where namespaces may be declared."""
    return document[root.start : root.tag_end] + document[rdf.start : rdf.tag_end]
