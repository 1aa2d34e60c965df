"""Bicubic enlargement by a whole factor in NumPy: what Pillow makes, bit for bit, in less time (Keys, 1981).

Between the pixels of such an enlargement only `factor` places occur, so each has one set of weights, and a whole band
of pixels is multiplied by a weight at once. Pillow looks the weights up for each row and column and for each sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache, reduce
from itertools import chain, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.image.image import Pixels

FACTORS, EXACT_FACTORS = (2, 3, 4), (2,)
"""What an image may be enlarged by: rounded to levels between the two passes, and not rounded there."""
REACH = 2
"""How many pixels a result depends on to either side, and so how far from the edges results are left out."""
PRECISION = 22
"""Bits behind the point that Pillow's weights have for 8-bit pixels."""
COLUMNS, SAMPLES = 1024, 1 << 18
"""The most columns of a block, and samples of it once its rows are enlarged: few enough for a processor's cache."""

Integers = NDArray[np.int16 | np.int32]


def enlarge(pixels: Pixels, factor: int, result: Pixels, exact: bool = False) -> None:
    """Enlarge H x W x C pixels into `result`, H*factor x W*factor x C, but for REACH pixels' breadth along the edges.

    Rows and then columns are rounded to levels, as Pillow does with 8 bits; or only the result, if `exact`, as it does
    with floats. `factor` is one of FACTORS or, if `exact`, of EXACT_FACTORS.
    """
    height, width, channels = pixels.shape
    rows = max(1, SAMPLES // (min(width, COLUMNS) * channels * factor))
    for top, left in product(range(REACH, height - REACH, rows), range(REACH, width - REACH, COLUMNS)):
        bottom, right = min(top + rows, height - REACH), min(left + COLUMNS, width - REACH)
        block = pixels[top - REACH : bottom + REACH, left - REACH : right + REACH]
        large = result[top * factor : bottom * factor, left * factor : right * factor]
        shape = bottom - top, factor, right - left, factor, channels
        (_exact if exact else _rounded)(block, factor, large.reshape(shape))


@lru_cache(maxsize=8)
def weights(factor: int) -> tuple[tuple[tuple[int, ...], ...], int]:
    """For each place within a pixel the weights of it and REACH others to either side, and how many bits each has."""
    places = [(place + 0.5) / factor - 0.5 for place in range(factor)]
    rows = [[round(_keys(tap - place) * 2**PRECISION) for tap in range(-REACH, REACH + 1)] for place in places]
    common = reduce(math.gcd, chain(*rows))
    spare = (common & -common).bit_length() - 1
    return tuple(tuple(weight >> spare for weight in row) for row in rows), PRECISION - spare


def _keys(distance: float) -> float:
    """The cubic convolution kernel with a = -1/2."""
    x = abs(distance)
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    return ((-0.5 * x + 2.5) * x - 4) * x + 2 if x < 2 else 0.0


def _rounded(pixels: Pixels, factor: int, large: Pixels) -> None:
    _, bits = weights(factor)
    # 255 levels around 0, times the weights of factor 2, fit into 16 bits, of which a processor does twice as many.
    dtype, half = (np.int16 if bits <= 7 else np.int32), 1 << (bits - 1)

    def to_levels(sums: Integers) -> Integers:
        np.add(sums, half, out=sums)
        np.right_shift(sums, bits, out=sums)
        return np.clip(sums, -128, 127, out=sums)

    for place, sums in enumerate(_down(_across(_planes(pixels, dtype, 128), factor, to_levels), factor)):
        _interleave(to_levels(sums), large[:, place])
        np.bitwise_xor(large[:, place], np.uint8(128), out=large[:, place])  # what was taken away at first


def _exact(pixels: Pixels, factor: int, large: Pixels) -> None:
    unit, full = np.float32(4.0 ** -weights(factor)[1]), np.iinfo(pixels.dtype).max
    for place, sums in enumerate(_down(_across(_planes(pixels, np.int32, 0), factor), factor)):
        # Through float32 as in Pillow, which may make a half of what is a little less.
        values = sums.astype(np.float32)
        values *= unit
        _interleave(np.rint(values, out=values).clip(0, full, out=values), large[:, place])


def _planes(pixels: Pixels, dtype: type[np.signedinteger[Any]], zero: int) -> Integers:
    """H x W x C pixels as H x C x W integers above `zero`."""
    height, width, channels = pixels.shape
    planes: Integers = np.empty((height, channels, width), dtype)
    for channel in range(channels):
        np.subtract(pixels[..., channel], zero, out=planes[:, channel], dtype=dtype, casting="unsafe")
    return planes


def _across(planes: Integers, factor: int, finish: Callable[[Integers], Integers] | None = None) -> Integers:
    """Rows enlarged: H x C x W to factor x H x C x W, one array for each place between two columns.

    All rows as one long one: what comes of two of them lies within REACH of their ends, which nobody asks for.
    """
    length = planes.size - 2 * REACH
    result: Integers = np.empty((factor, *planes.shape), planes.dtype)
    sums = _sums(planes.reshape(-1), factor, lambda products, tap: products[tap : tap + length])
    for place, made in enumerate(sums):
        result[place].reshape(-1)[REACH:-REACH] = finish(made) if finish else made
    return result


def _down(planes: Integers, factor: int) -> Iterator[Integers]:
    """Columns enlarged: of each place between two rows factor x H x C x W, REACH rows less at either end."""
    rows = planes.shape[1] - 2 * REACH
    return _sums(planes, factor, lambda products, tap: products[:, tap : tap + rows])


def _sums(samples: Integers, factor: int, shifted: Callable[[Integers, int], Integers]) -> Iterator[Integers]:
    """The weighted sums for each place; `shifted` cuts from an array what a tap of all results is multiplied by."""
    rows, _ = weights(factor)
    products = {weight: samples * weight for weight in {*chain(*rows)} if weight}
    for row in rows:
        first, *others = [shifted(products[weight], tap) for tap, weight in enumerate(row) if weight]
        sums = first + others[0] if others else first.copy()
        for other in others[1:]:
            sums += other
        yield sums


def _interleave(parts: NDArray[Any], rows: Pixels) -> None:
    """Copy factor x H x C x W levels, REACH columns less at either end, into H x W x factor x C pixels."""
    for place, part in enumerate(parts):
        for channel in range(part.shape[1]):
            np.copyto(rows[:, :, place, channel], part[:, channel, REACH:-REACH], casting="unsafe")
