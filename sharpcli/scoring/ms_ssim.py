"""Multi-scale structural similarity after Wang, Simoncelli and Bovik, "Multiscale structural similarity for image
quality assessment", Asilomar Conference on Signals, Systems and Computers, 2003.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sharpcli.scoring.bands import row_bands
from sharpcli.scoring.ssim import RADIUS, Plane, ssim_sum, structure_sum

SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""The weights of the scales, finest first, as the paper's observers gave them."""


def ms_ssim(result: Plane, reference: Plane) -> float:
    """The similarity of two H x W planes in levels 0 to 255, from 0 to 1; each side has at least 176 pixels.

    Contrast and structure count at every scale, luminance at the coarsest. A mean below 0, of which there is no power,
    counts as 0.
    """
    product: float = 1.0
    for number, weight in enumerate(SCALES, 1):
        coarsest = number == len(SCALES)
        similarity = max(0.0, _mean(ssim_sum if coarsest else structure_sum, result, reference))
        product *= math.pow(similarity, weight)
        if not coarsest:
            result, reference = _halved(result), _halved(reference)
    return product


def _mean(total: Callable[[Plane, Plane], float], result: Plane, reference: Plane) -> float:
    height, width = result.shape
    bands = row_bands(height, width, RADIUS)
    windows = (height - 2 * RADIUS) * (width - 2 * RADIUS)
    return float(sum(total(result[band], reference[band]) for band in bands) / windows)


def _halved(plane: Plane) -> Plane:
    """The means of 2 x 2 pixels; where a side is odd, its last row or column counts twice."""
    height, width = plane.shape
    even = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    halved: Plane = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    return halved
