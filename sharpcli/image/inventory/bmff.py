"""What an AVIF or HEIC file holds: items, properties of its image, and boxes beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sharpcli.image.codecs.heif.boxes import CODED, XMP_TYPE, Meta, boxes, content, read_meta
from sharpcli.image.codecs.heif.header import ALPHA, SRGB, UNSPECIFIED, auxiliary
from sharpcli.image.inventory.exif import exif_parts
from sharpcli.image.inventory.part import Part, part

CODING = (b"ispe", b"pixi", b"av1C", b"hvcC", b"uncC", b"cmpd", b"a1op", b"a1lx", b"lsel", b"colr", b"auxC")
TURNING = (b"irot", b"imir", b"clap", b"rloc")
BOXES = (b"ftyp", b"meta", b"mdat", b"free", b"skip", b"moov", b"idat", b"styp", b"wide", b"mini")


def bmff_parts(file: BinaryIO) -> Iterator[Part]:
    """The parts of an open AVIF or HEIC; raises ValueError, struct.error where it is damaged."""
    meta = read_meta(file)
    for number, item in meta.items.items():
        if item.kind == b"Exif":
            body = content(file, meta, number)
            yield from exif_parts(body[4 + int.from_bytes(body[:4], "big") :])
        elif item.kind == b"mime" and item.content_type == XMP_TYPE:
            yield Part("XMP")
        elif item.kind not in CODED:
            name = item.content_type or item.kind.decode("latin-1").strip()
            yield part("C2PA/JUMBF" if "c2pa" in name else "item", content(file, meta, number), name)
        elif item.kind == b"tmap":
            yield Part("HDR gain map")
    yield from _auxiliaries(meta)
    yield from _properties(meta)
    for kind in meta.others:
        if kind != b"grpl":
            yield Part("box", kind.decode("latin-1"))
    end = file.seek(0, 2)
    for box in boxes(file, 0, end):
        file.seek(box.body)
        if box.kind == b"mpvd":
            yield part("motion photo video", file.read(box.end - box.body))
        elif box.kind not in BOXES:
            body = file.read(box.end - box.body)
            yield part("C2PA/JUMBF" if b"c2pa" in body[:64] else "box", body, box.kind.decode("latin-1"))


def _auxiliaries(meta: Meta) -> Iterator[Part]:
    """Images that go with the one that is seen, its transparency and smaller copies left out."""
    maps = {item for number, one in meta.items.items() if one.kind == b"tmap" for item in meta.parts(number)}
    for kind, start, _ in meta.references:
        name = auxiliary(meta, start)
        if kind != b"auxl" or name in ALPHA or start in maps:
            continue
        if "gainmap" in name.lower():
            yield Part("HDR gain map")
        elif "depth" in name or name.endswith("auxid:2"):
            yield Part("depth map")
        else:
            yield Part("auxiliary image", name.rpartition(":")[2])


def _properties(meta: Meta) -> Iterator[Part]:
    for kind, body in meta.of(meta.primary):
        if kind == b"colr":
            if body[:4] in (b"prof", b"rICC"):
                yield part("ICC profile", body[4:], color=True)
            elif body[:4] == b"nclx":
                code = int.from_bytes(body[4:6], "big"), int.from_bytes(body[6:8], "big")
                if code not in (SRGB, UNSPECIFIED):
                    yield part("PNG chunk", bytes((code[0] & 255, code[1] & 255, 0, 1)), "cICP", color=True)
        elif kind == b"pasp":
            if body[:4] != body[4:8]:
                yield Part("print size")
        elif kind not in CODING + TURNING:
            yield part("property", body, kind.decode("latin-1"), color=kind in (b"clli", b"mdcv", b"cclv", b"amve"))
