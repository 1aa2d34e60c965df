"""What a file says of its pixels' size in the world, made true of an enlarged image (OGC GeoTIFF 1.1, TIFF 6.0)."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

from sharpcli.image.image import Image, Pixels
from sharpcli.image.inventory.exif import tag_name
from sharpcli.image.tags.exif import ACROSS, DOWN, MARK
from sharpcli.image.tags.ifd import Directories, Entry

PIXEL_SCALE, TIE_POINTS, TRANSFORMATION, GEO_KEYS = 33550, 33922, 34264, 34735
RASTER_TYPE, POINTS = 1025, 2
"""The key that says whether places are pixels' corners or, by this value, their centres."""
DESCRIPTION, IMAGEJ, UNIT, NO_UNIT = 270, b"ImageJ=", 296, 1
DOUBLE, RATIONAL, MOST = 12, 5, (1 << 32) - 1
Change = Callable[["_Raster", tuple[float, ...]], Iterable[float]]


def of_size(image: Image, pixels: Pixels) -> Image:
    """The image with enlarged pixels, H x W x C: pixels of a map and of a microscope become smaller.

    Dots per inch of an ordinary image stay, so that its print grows with it.
    """
    (old_height, old_width), (height, width) = image.pixels.shape[:2], pixels.shape[:2]
    factors = Fraction(width, old_width), Fraction(height, old_height)
    metadata = dict(image.metadata)
    measured = "aspect" in metadata
    if "exif" in metadata:
        metadata["exif"], by_exif = _changed(metadata["exif"], factors)
        measured = measured or by_exif
    if measured:
        for key in {"dpi", "aspect"} & metadata.keys():
            metadata[key] = tuple(float(was * by) for was, by in zip(metadata[key], factors, strict=True))
    parts = tuple(replace(part, digest=b"") if part.name in CHANGED else part for part in image.parts)
    return replace(image, pixels=pixels, metadata=metadata, parts=parts)


class _Raster:
    """How the places of the enlarged image are those of the old one: `new = (old + shift) * by - shift`."""

    def __init__(self, by: tuple[float, float], shift: float) -> None:
        self.by, self.shift = by, shift

    def new(self, axis: int, place: float) -> float:
        """A place of the old image in the enlarged one."""
        return (place + self.shift) * self.by[axis] - self.shift


def _scale(raster: _Raster, values: tuple[float, ...]) -> Iterable[float]:
    return (values[0] / raster.by[0], values[1] / raster.by[1], *values[2:])


def _tied(raster: _Raster, values: tuple[float, ...]) -> Iterable[float]:
    """Each tie point: column, row and height of the raster, then the place on the map."""
    return (raster.new(at % 6, value) if at % 6 < 2 else value for at, value in enumerate(values))


def _transformed(raster: _Raster, values: tuple[float, ...]) -> Iterable[float]:
    """Four rows that take column, row, height and 1 of the raster to the map."""
    for row in range(0, len(values), 4):
        across, down, up, origin = values[row : row + 4]
        # What is 0 in the enlarged image lies there in the old one.
        zero = [raster.shift / by - raster.shift for by in raster.by]
        yield from (across / raster.by[0], down / raster.by[1], up, origin + across * zero[0] + down * zero[1])


CHANGES: dict[int, tuple[Change, int]] = {
    PIXEL_SCALE: (_scale, 3),
    TIE_POINTS: (_tied, 6),
    TRANSFORMATION: (_transformed, 16),
}
"""What is done to a tag, and how many numbers it has or a multiple of that."""
CHANGED = tuple(map(tag_name, CHANGES))


def _changed(exif: bytes, factors: tuple[Fraction, Fraction]) -> tuple[bytes, bool]:
    """Exif with the sizes of an image enlarged by `factors`, and whether they are measures of the world at all."""
    body = bytearray(exif.removeprefix(MARK))
    try:
        directories = Directories(io.BytesIO(body))
        entries, _ = directories.directory(directories.first, [])
    except ValueError:
        return exif, False
    tags = {entry.tag: entry for entry in entries}
    order = directories.order
    raster = _Raster((float(factors[0]), float(factors[1])), 0.5 if _of_points(tags, order) else 0.0)
    for tag, (change, least) in CHANGES.items():
        entry = tags.get(tag)
        if entry and entry.type == DOUBLE and entry.count >= least and entry.place and entry.count % least == 0:
            code = f"{order}{entry.count}d"
            struct.pack_into(code, body, entry.place, *change(raster, struct.unpack(code, entry.value)))
    measured = bool(CHANGES.keys() & tags.keys()) or GEO_KEYS in tags or _microscopic(tags, order)
    if measured:
        for tag, by in zip((ACROSS, DOWN), factors, strict=True):
            entry = tags.get(tag)
            if entry and entry.type == RATIONAL and entry.place:
                struct.pack_into(f"{order}II", body, entry.place, *_times(entry, order, by))
    return MARK + bytes(body), measured


def _of_points(tags: dict[int, Entry], order: str) -> bool:
    keys = tags.get(GEO_KEYS)
    numbers = struct.unpack(f"{order}{keys.count}H", keys.value) if keys and keys.type == 3 else ()
    return any(
        numbers[at] == RASTER_TYPE and numbers[at + 3] == POINTS for at in range(4, len(numbers) - len(numbers) % 4, 4)
    )


def _microscopic(tags: dict[int, Entry], order: str) -> bool:
    unit, description = tags.get(UNIT), tags.get(DESCRIPTION)
    unitless = unit is not None and struct.unpack_from(f"{order}H", unit.value) == (NO_UNIT,)
    return unitless or (description is not None and description.value.startswith(IMAGEJ))


def _times(entry: Entry, order: str, by: Fraction) -> tuple[int, int]:
    """A tag's fraction times another, as near as two numbers of 32 bits tell it."""
    over, under = struct.unpack(f"{order}II", entry.value)
    if not over or not under:
        return over, under
    product = Fraction(over, under) * by
    while max(product.numerator, product.denominator) > MOST:
        product = Fraction(round(product.numerator / 2), max(1, round(product.denominator / 2)))
    return product.numerator, product.denominator
