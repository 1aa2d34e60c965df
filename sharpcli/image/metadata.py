"""What an image's file says besides its pixels: what is kept of it, and how it fits the next file.

The keys of `Image.metadata`, all optional: `icc_profile`, `exif`, `xmp`, `comment`, `photoshop` (bytes as in their
files), `dpi` (x, y), `aspect` (pixels a unit across and down, where no unit is told), `text`, `chunks` (of colours) and
`png` (others) of a PNG as (name, body), `jpeg` (its coding), `lossless` (WebP), `compression` (TIFF).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from PIL import Image as PILImage
from PIL import JpegImagePlugin

from sharpcli.image import exif as exif_bytes
from sharpcli.image.exif_block import rebuilt

ORIENTATION = 274
RESOLUTION = (282, 283, 296)
XMP, IPTC, PHOTOSHOP, ICC_PROFILE = 700, 33723, 34377, 34675
# How a TIFF's pixels lie in its file: true of the file that was read, not of the one that is written.
TIFF_LAYOUT = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 277, 278, 279, 280, 281, 284, 288, 289, 290, 291}
    | {292, 293, 297, 317, 320, *range(321, 348), *range(512, 533)}
)
LAYERS = frozenset({37724, 50255})  # Photoshop's, which show the image as it was
OF_THE_FILE = TIFF_LAYOUT | LAYERS | {ORIENTATION, XMP, PHOTOSHOP, ICC_PROFILE}
SIZES = {40962: 0, 40963: 1}  # Exif's own record of width and height
# The last of the three is broken, but Pillow and whoever else looks no further would turn the image once more.
XMP_ORIENTATION = rb"""(?x) \s*tiff:Orientation\s*=\s*["'][0-9]["'] | <tiff:Orientation>[0-9]</tiff:Orientation>
    | tiff:Orientation(?:="|>)[0-9]"""
COLOR = ("icc_profile", "chunks")
CODING = ("jpeg", "lossless", "compression", "nclx", "bits", "chroma", "brightness")
PHOTOSHOP_MARK = b"Photoshop 3.0\0"
FINEST = 1 << 16  # dots per inch that a JPEG can tell
YCCK = 2  # Adobe's word for inks that were turned into luma and chroma
LONG_VALUE = 1024  # bytes of a tag that goes first where Exif is too long
SEGMENT = 65533  # bytes that one segment of a JPEG holds

Metadata = dict[str, Any]


def orientation_of(exif: PILImage.Exif) -> int:
    """Exif's orientation, 1-8; 1 (upright) where it is missing or nonsense."""
    value = exif.get(ORIENTATION, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def of_exif(exif: PILImage.Exif, raw: bytes | None) -> Metadata:
    """Exif of the upright image without thumbnail and what describes the file, from `raw`, its bytes.

    They are changed where they lie, because camera makers' notes may refer to places in them; only Exif that cannot
    be followed is put together anew. Raises ValueError where nothing of it can be read.
    """
    if OF_THE_FILE.issuperset(exif):
        return {}
    raw = raw or exif.tobytes()  # spelled out in a PNG's text
    with suppress(ValueError):
        return {"exif": exif_bytes.upright(raw, OF_THE_FILE - {ORIENTATION})}
    return {"exif": rebuilt(raw, without=OF_THE_FILE)}


def of_pil(image: PILImage.Image, exif: PILImage.Exif) -> Metadata:
    """What Pillow found in a file's header, `exif` among it."""
    kept = {key: image.info[key] for key in ("icc_profile", "xmp", "comment") if image.info.get(key)}
    if "dpi" in image.info:
        kept |= _print_size(image.info["dpi"], exif)
    else:
        kept |= _print_size_of_exif(exif)
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        kept["jpeg"] = _coding(image, turned=orientation_of(exif) > 4)
        parts = [body for name, body in image.applist if name == "APP13" and body.startswith(PHOTOSHOP_MARK)]
        if parts:
            kept["photoshop"] = b"".join(body[len(PHOTOSHOP_MARK) :] for body in parts)
    kept.update(of_exif(exif, image.info.get("exif")))
    return _without_orientation(kept)


def _print_size(dpi: tuple[float, float], exif: PILImage.Exif) -> Metadata:
    """`dpi` of the image upright, where it makes sense."""
    across, down = map(float, dpi)
    if not (0 < across < FINEST and 0 < down < FINEST):
        return {}
    return {"dpi": (down, across) if orientation_of(exif) > 4 else (across, down)}


def _print_size_of_exif(exif: PILImage.Exif) -> Metadata:
    with suppress(KeyError, TypeError, ValueError, ZeroDivisionError):  # none, or no numbers
        inch = {2: 1.0, 3: 2.54}.get(exif.get(296, 2), 0.0)
        return _print_size((float(exif[282]) * inch, float(exif[283]) * inch), exif)
    return {}


def _without_orientation(kept: Metadata) -> Metadata:
    if "xmp" in kept:
        kept["xmp"] = re.sub(XMP_ORIENTATION, b"", kept["xmp"])
    return kept


def _coding(image: JpegImagePlugin.JpegImageFile, turned: bool) -> Metadata:
    """How a JPEG was compressed, in Pillow's words: the same tables again lose least."""
    tables = [image.quantization[layer[3]] for layer in image.layer if layer[3] in image.quantization]
    if len(image.layer) == 4 and image.info.get("adobe_transform") == YCCK:
        tables = tables[:1]  # Pillow writes the inks themselves, of which none bears the coarser table of a chroma
    while len(tables) > 1 and tables[-1] == tables[-2]:
        del tables[-1]
    sampling: int = JpegImagePlugin.get_sampling(image)
    if turned:
        # What was along the rows now is along the columns; 4:2:2 then is 4:4:0, which Pillow cannot write.
        tables = [[table[8 * (place % 8) + place // 8] for place in range(64)] for table in tables]
        sampling = {1: -1}.get(sampling, sampling)
    coding: Metadata = {"progressive": bool(image.info.get("progressive")), "qtables": tables}
    if len(image.layer) == 3:
        coding["subsampling"] = max(sampling, 0)  # full colour where Pillow cannot write it as it was
    return coding


def only(metadata: Mapping[str, Any], *, strip: bool) -> Metadata:
    """All of it, or with `strip` only what the pixels' colours and their coding depend on."""
    return {key: value for key, value in metadata.items() if not strip or key in COLOR + CODING}


def sized(exif: bytes, width: int, height: int) -> bytes:
    """Exif that says this size where it says one."""
    with suppress(ValueError):
        return exif_bytes.with_numbers(exif, {tag: (width, height)[side] for tag, side in SIZES.items()})
    return exif


def slim(exif: bytes, room: int) -> bytes:
    """Exif without what is long in it, if that is needed to fit; empty where even the rest is too long."""
    if len(exif) <= room:
        return exif
    with suppress(ValueError):
        rest = rebuilt(exif, longest=LONG_VALUE)
        return rest if len(rest) <= room else b""
    return b""


def app13(resources: bytes) -> bytes:
    """The segments of a JPEG that hold Photoshop's resources, IPTC among them."""
    room = SEGMENT - len(PHOTOSHOP_MARK)
    parts = (resources[start : start + room] for start in range(0, len(resources), room))
    bodies = [PHOTOSHOP_MARK + part for part in parts]
    return b"".join(b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body for body in bodies)
