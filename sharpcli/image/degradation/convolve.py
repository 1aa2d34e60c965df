"""Convolution of images with a kernel, in encoded levels or in linear light."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from sharpcli.image.degradation.blur import Kernel
from sharpcli.image.image import Pixels

GAMMA = 2.2
SIDE = 1024
"""Pixels along a part that is blurred at a time, which bounds the memory."""

Plane = NDArray[np.float64]


def convolved(pixels: Pixels, kernel: Kernel, mode: str = "RGB", linear: bool = False, side: int = SIDE) -> Pixels:
    """H x W x C behind a kernel, as if the image went on mirrored; rounded to levels, alpha left alone.

    `linear` mixes light (gamma 2.2), as a lens does, instead of encoded levels. Alpha weighs its colours, so that
    hidden ones lend nothing to what is seen. The result is made in parts of `side` pixels, which changes nothing.
    """
    full = int(np.iinfo(pixels.dtype).max)
    exponent = GAMMA if linear else 1.0
    encoded = np.arange(full + 1) / full
    # Ink is darkness; what a lens mixes is light.
    light = (1 - encoded if mode == "CMYK" else encoded) ** exponent
    result = pixels.copy()
    (height, width), reach = pixels.shape[:2], len(kernel) // 2
    colors = len(mode.removesuffix("A"))
    for top, left in product(range(0, height, side), range(0, width, side)):
        bottom, right = min(height, top + side), min(width, left + side)
        rows, columns = _mirrored(top - reach, bottom + reach, height), _mirrored(left - reach, right + reach, width)
        around = pixels[rows[:, None], columns]
        part = np.s_[top:bottom, left:right]
        weights = around[..., -1] / full if colors < len(mode) else None
        for channel in range(colors):
            mixed = _weighted(light[around[..., channel]], weights, kernel, full)
            after = mixed.clip(0, 1) ** (1 / exponent)
            result[part][..., channel] = np.rint(full * (1 - after if mode == "CMYK" else after))
    return result


def _mirrored(first: int, last: int, size: int) -> NDArray[np.intp]:
    """Indices from `first` to before `last`; beyond 0 and `size` they run back, the border's own pixel first."""
    index = np.arange(first, last) % (2 * size)
    return np.minimum(index, 2 * size - 1 - index)


def _weighted(light: Plane, weights: Plane | None, kernel: Kernel, full: int) -> Plane:
    """One channel without the margin that it came with."""
    plain = _inner(light, kernel)
    if weights is None or weights.min() == 1:
        return plain
    cover = _inner(weights, kernel)
    seen = cover * full >= 0.5
    return np.divide(_inner(light * weights, kernel), cover, out=plain, where=seen)


def _inner(plane: Plane, kernel: Kernel) -> Plane:
    """Where the kernel lies wholly on the plane, H x W less its side and one more, by multiplication in frequency."""
    from scipy import fft  # slow to import, and most runs blur nothing

    size = tuple(fft.next_fast_len(side, real=True) for side in plane.shape)
    margin = len(kernel) - 1
    both = fft.rfft2(plane, size) * fft.rfft2(kernel, size)
    # What wraps around falls on the margin.
    out: Plane = fft.irfft2(both, size)[margin : plane.shape[0], margin : plane.shape[1]]
    return out
