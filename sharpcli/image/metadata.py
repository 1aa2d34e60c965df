"""What an image's file says besides its pixels: what is kept of it, and how it fits the next file.

The keys of `Image.metadata`, all optional: `icc_profile`, `exif`, `xmp`, `photoshop` (bytes as in their files),
`comments` (bytes each), `dpi` (x, y), `aspect` (pixels a unit across and down, where no unit is told). As (name, body):
`text`, `chunks` (of colours) and `png` (others) of a PNG, `webp` (further chunks), `brightness` (of an AVIF's screen).
`icc_name` is what a PNG calls its profile.
Of a JPEG: `extended_xmp`, `segments` and `behind` (see `jpeg/carry.py`). How it was coded: `jpeg`, `lossless`,
`compression` (TIFF), `nclx` (primaries, transfer, matrix), `bits` and `chroma` ("420") of an AVIF.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from PIL import Image as PILImage

from sharpcli.image.tags import exif as exif_bytes
from sharpcli.image.tags.exif_block import rebuilt
from sharpcli.image.tags.xmp import corrected

ORIENTATION = 274
RESOLUTION = (282, 283, 296)
XMP, IPTC, PHOTOSHOP, ICC_PROFILE = 700, 33723, 34377, 34675
# How a TIFF's pixels lie in its file: true of the file that was read, not of the one that is written.
TIFF_LAYOUT = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 277, 278, 279, 280, 281, 284, 288, 289, 290, 291}
    | {292, 293, 317, 320, *range(321, 348), *range(512, 533)}
)
LAYERS = frozenset({37724, 50255})  # Photoshop's, which show the image as it was
OF_THE_FILE = TIFF_LAYOUT | LAYERS | {ORIENTATION, XMP, PHOTOSHOP, ICC_PROFILE}
SIZES = {40962: 0, 40963: 1}  # Exif's own record of width and height
COLOR = ("icc_profile", "icc_name", "chunks")
CODING = ("jpeg", "lossless", "compression", "nclx", "bits", "chroma", "brightness")
FINEST = 1 << 16  # dots per inch that a JPEG can tell
LONG_VALUE = 1024  # bytes of a tag that goes first where Exif is too long

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
    kept = {key: image.info[key] for key in ("icc_profile", "xmp") if image.info.get(key)}
    if "dpi" in image.info:
        kept |= _print_size(image.info["dpi"], exif)
    else:
        kept |= _print_size_of_exif(exif)
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
        kept["xmp"] = corrected(kept["xmp"], set())
    return kept


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
