"""XMP that would be untrue of the file that is written, corrected; all else stays byte for byte (ISO 16684-1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

MARK = b"http://ns.adobe.com/xap/1.0/\0"
"""How XMP begins in a JPEG's segment and in texts that hold one."""
RDF, ITEM = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://ns.google.com/photos/1.0/container/item/"
CONTAINER, CAMERA = "http://ns.google.com/photos/1.0/container/", "http://ns.google.com/photos/1.0/camera/"
OPLUS = "http://ns.oplus.com/photos/1.0/camera/"
NOTE = "http://ns.adobe.com/xmp/note/"
TERMS = "http://purl.org/dc/terms/"
MOTION = frozenset(
    f"{start}{end}"
    for start in ("MotionPhoto", "MicroVideo")
    for end in ("", "Version", "Offset", "PresentationTimestampUs", "PrimaryPresentationTimestampUs", "Owner")
) | {"OLivePhotoVersion", "VideoLength"}
# By the kinds that `inventory` lists: the properties that speak of it, all of a namespace where none is named.
PROPERTIES: dict[str, dict[str, frozenset[str]]] = {
    "extended XMP": {NOTE: frozenset({"HasExtendedXMP"})},
    "motion photo video": {CAMERA: MOTION, OPLUS: MOTION},
    "HDR gain map": {
        "http://ns.adobe.com/hdr-gain-map/1.0/": frozenset(),
        "http://ns.apple.com/HDRGainMap/1.0/": frozenset(),
    },
    "C2PA/JUMBF": {TERMS: frozenset({"provenance"})},
}
EMBEDDED = "self#"
"""How a provenance begins that lies in the file itself."""
SEMANTICS = {"motion photo video": "MotionPhoto", "HDR gain map": "GainMap"}
"""What Google's directory of the images in a file calls them."""
# The last of the three is broken, but Pillow and whoever else looks no further would turn the image once more.
ORIENTATION = rb"""(?x) \s*tiff:Orientation\s*=\s*["'][0-9]["'] | <tiff:Orientation>[0-9]</tiff:Orientation>
    | tiff:Orientation(?:="|>)[0-9]"""
SIZES = {"width": rb"tiff:ImageWidth|exif:PixelXDimension", "height": rb"tiff:ImageLength|exif:PixelYDimension"}
"""What XMP calls the image's own sides."""
TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
ATTRIBUTE = re.compile(rb"""\s+([\w.-]+):([\w.-]+)\s*=\s*(?:"[^"]*"|'[^']*')""")


@dataclass
class Element:
    """An element at the bytes `start` to `end`, its start tag to `tag_end`; names are (namespace, name)."""

    name: tuple[str, str]
    start: int
    tag_end: int
    attributes: dict[tuple[str, str], str]
    places: dict[tuple[str, str], tuple[int, int]]
    end: int = 0
    text: str = ""
    inner: list[Element] = field(default_factory=list)

    def all(self) -> Iterator[Element]:
        """Itself and those in it."""
        yield self
        for element in self.inner:
            yield from element.all()


def resized(xmp: bytes, width: int, height: int) -> bytes:
    """XMP that says this size where it says one."""
    for side, number in (("width", width), ("height", height)):
        said = rb"""((?:%b)(?:\s*=\s*["']|>\s*))[0-9]+""" % SIZES[side]
        xmp = re.sub(said, rb"\g<1>%d" % number, xmp)
    return xmp


def corrected(xmp: bytes, gone: set[str]) -> bytes:
    """XMP of the upright image without what it says of parts that are gone, named by their kinds in the inventory.

    Empty where XMP that cannot be parsed speaks of them.
    """
    xmp = re.sub(ORIENTATION, b"", xmp)
    spoken = {space: names for kind in gone for space, names in PROPERTIES.get(kind, {}).items()}
    semantics = {SEMANTICS[kind] for kind in gone if kind in SEMANTICS}
    if not any(space.encode() in xmp for space in (*spoken, *([CONTAINER] if semantics else []))):
        return xmp
    try:
        root = elements(xmp)
    except ValueError:
        return b""
    spans = [*_properties(root, spoken), *_items(root, semantics)]
    result = xmp
    for start, end in sorted(_outermost(spans), reverse=True):
        result = result[:start] + result[end:]
    return _without_unused(result, spoken) if spans else xmp


def elements(xmp: bytes) -> Element:
    """The root element; raises ValueError where it is no well-formed XML."""
    body = xmp.rstrip(b"\0")
    if b"<!DOCTYPE" in body:
        raise ValueError("XMP with a document type")
    parser = expat.ParserCreate(namespace_separator="|")
    top = Element(("", ""), 0, 0, {}, {})
    path, spaces = [top], {"xml": "http://www.w3.org/XML/1998/namespace"}

    def declared(prefix: str | None, uri: str) -> None:
        spaces[prefix or ""] = uri

    def started(name: str, attributes: dict[str, str]) -> None:
        start = parser.CurrentByteIndex
        tag = TAG.match(body, start)
        if not tag:
            raise ValueError("XMP that is not UTF-8")
        places = {
            (spaces.get(found[1].decode(), ""), found[2].decode()): found.span()
            for found in ATTRIBUTE.finditer(body, start, tag.end())
        }
        element = Element(
            _split(name), start, tag.end(), {_split(key): value for key, value in attributes.items()}, places
        )
        path[-1].inner.append(element)
        path.append(element)

    def ended(_: str) -> None:
        element = path.pop()
        at = parser.CurrentByteIndex
        element.end = element.tag_end if at == element.start else body.index(b">", at) + 1

    def said(text: str) -> None:
        path[-1].text += text

    parser.StartNamespaceDeclHandler, parser.StartElementHandler = declared, started
    parser.EndElementHandler, parser.CharacterDataHandler = ended, said
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise ValueError(f"XMP that is no XML: {error}") from error
    return top.inner[0]


def _split(name: str) -> tuple[str, str]:
    space, _, local = name.rpartition("|")
    return space, local


def _properties(root: Element, spoken: dict[str, frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Where attributes and elements lie that say what is not so any more."""

    def untrue(name: tuple[str, str], value: str) -> bool:
        named = name[0] in spoken and (not spoken[name[0]] or name[1] in spoken[name[0]])
        return named and (name[0] != TERMS or value.strip().startswith(EMBEDDED))

    for element in root.all():
        if untrue(element.name, element.text):
            yield element.start, element.end
        places = element.places.items()
        yield from (place for name, place in places if untrue(name, element.attributes.get(name, "")))


def _items(root: Element, semantics: set[str]) -> Iterator[tuple[int, int]]:
    """Where the entries of Google's directory lie that have such a meaning; all of it where the image alone is left."""
    for directory in (element for element in root.all() if element.name == (CONTAINER, "Directory")):
        entries = [element for element in directory.all() if element.name == (RDF, "li")]
        untrue = [entry for entry in entries if not semantics.isdisjoint(_semantics(entry))]
        if untrue and len(entries) - len(untrue) < 2:
            yield directory.start, directory.end
        else:
            yield from ((entry.start, entry.end) for entry in untrue)


def _semantics(entry: Element) -> Iterator[str]:
    for element in entry.all():
        yield element.attributes.get((ITEM, "Semantic"), "")
        if element.name == (ITEM, "Semantic"):
            yield element.text.strip()


def _outermost(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans without those that lie in others."""
    kept: list[tuple[int, int]] = []
    for span in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def _without_unused(xmp: bytes, spoken: dict[str, frozenset[str]]) -> bytes:
    """The same without namespaces whose properties all went."""
    for space in spoken:
        declaration = re.compile(rb"""\s+xmlns:([\w.-]+)\s*=\s*["']""" + re.escape(space.encode()) + rb"""["']""")
        for prefix in {found[1] for found in declaration.finditer(xmp)}:
            rest = declaration.sub(b"", xmp)
            if not re.search(rb"[<\s/]" + re.escape(prefix) + rb":", rest):
                xmp = rest
    return xmp
