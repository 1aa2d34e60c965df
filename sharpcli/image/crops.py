"""Where a comparison is looked at: the same square of every candidate, enlarged so that each pixel can be judged."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import isqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from sharpcli.errors import SharpError
from sharpcli.image.image import Pixels

CROP_SIDE, ZOOM = 160, 2
"""A crop's side in pixels, and how many times as large it is shown."""
BLOCK = 8
"""Side of the squares in which changes are counted: a place need not be known to the pixel."""
SAMPLES = 2_000_000
"""About how many pixels of a large image are looked at."""

Place = tuple[int, int]
"""The middle of a crop: pixels from the left edge and from the top."""
Window = tuple[slice, slice]


def window(place: Place, side: int, size: tuple[int, int]) -> Window:
    """Rows and columns of the square around a place, moved inside an image of `size` (width, height).

    An image that is smaller is taken whole. Raises SharpError for a place that is outside.
    """
    if not all(0 <= at < most for at, most in zip(place, size, strict=True)):
        raise SharpError(
            f"position {place[0]},{place[1]} is outside the image ({size[0]}x{size[1]} pixels, "
            f"so at most {size[0] - 1},{size[1] - 1})"
        )
    begins = [max(0, min(at - side // 2, most - side)) for at, most in zip(place, size, strict=True)]
    columns, rows = (slice(begin, min(begin + side, most)) for begin, most in zip(begins, size, strict=True))
    return rows, columns


def seen_at(places: Sequence[Place], side: int, size: tuple[int, int]) -> list[Window]:
    """The window of each place, all of one size."""
    return [window(place, side, size) for place in places]


def magnified(pixels: Pixels, zoom: int) -> Pixels:
    """Each pixel of H x W x C as a square of `zoom` pixels."""
    enlarged: Pixels = pixels.repeat(zoom, 0).repeat(zoom, 1)
    return enlarged


def as_png(image: PILImage.Image, profile: bytes = b"") -> bytes:
    """The PNG file of a small image, with the colour profile by which it is shown."""
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1, **({"icc_profile": profile} if profile else {}))
    return file.getvalue()


def most_different(pairs: Sequence[tuple[Pixels, Pixels]], side: int) -> Place:
    """The middle of the square in which pairs of pixels of one size differ most, or of the image if nowhere."""
    height, width = pairs[0][0].shape[:2]
    step = 1 + isqrt(width * height // SAMPLES)
    changes = np.zeros([-(-edge // BLOCK) for edge in pairs[0][0][::step, ::step].shape[:2]])
    for one, other in pairs:
        change = np.abs(np.subtract(one[::step, ::step], other[::step, ::step], dtype=np.int16))
        changes += _blocks(change.sum(2, dtype=np.int32))
    if not changes.any():
        return width // 2, height // 2
    block = step * BLOCK
    down, across = (min(max(1, side // block), count) for count in changes.shape)
    sums = np.pad(changes, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    squares = sums[down:, across:] - sums[:-down, across:] - sums[down:, :-across] + sums[:-down, :-across]
    y, x = divmod(int(squares.argmax()), squares.shape[1])
    # The last block may be cut, and with it the square that it belongs to.
    return min(x * block + min(side, width) // 2, width - 1), min(y * block + min(side, height) // 2, height - 1)


def _blocks(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """The sums of H x W in squares; those at the right and lower edge may be cut."""
    height, width = values.shape
    rows = np.add.reduceat(values, np.arange(0, height, BLOCK), axis=0)
    sums: NDArray[np.int32] = np.add.reduceat(rows, np.arange(0, width, BLOCK), axis=1)
    return sums
