"""Structural similarity after Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
structural similarity", IEEE Transactions on Image Processing 13(4), 2004; and at several scales after Wang, Simoncelli
and Bovik, "Multiscale structural similarity for image quality assessment", Asilomar Conference on Signals, Systems and
Computers, 2003.

The figures are those of scikit-image's `structural_similarity`, which the tests compare with. They are computed here
because it takes several times as long: it filters five images where four will do, and whole ones, which no cache
holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

from sharpcli.scoring.bands import row_bands

RADIUS = 5
SIGMA = 1.5
PEAK = 255
C1, C2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2
WEIGHTS = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
WEIGHTS /= WEIGHTS.sum()

Plane = NDArray[np.float64]
Ratio = tuple[Plane, Plane]
"""What is above the line and what is below it."""

SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""The weights of the scales, finest first, as the paper's observers gave them."""


def ssim_sum(result: Plane, reference: Plane) -> float:
    """Sum of the similarity over the places where an 11 x 11 window fits, of two H x W planes in levels 0 to 255."""
    luminance, structure = _parts(result, reference)
    return float((luminance[0] * structure[0] / (luminance[1] * structure[1])).sum())


def structure_sum(result: Plane, reference: Plane) -> float:
    """The same of contrast and structure alone, whatever the luminance."""
    above, below = _parts(result, reference)[1]
    return float((above / below).sum())


def _parts(result: Plane, reference: Plane) -> tuple[Ratio, Ratio]:
    """The two factors of the similarity at each place: that of luminance, and that of contrast and structure."""
    mean_a, mean_b = _smoothed(result), _smoothed(reference)
    product = mean_a * mean_b
    covariance = _smoothed(result * reference) - product
    squares = mean_a**2 + mean_b**2
    # Only the sum of both variances is asked for, so that one filter does for both.
    variances = _smoothed(result**2 + reference**2) - squares
    return (2 * product + C1, squares + C1), (2 * covariance + C2, variances + C2)


def _smoothed(plane: Plane) -> Plane:
    """The weighted means of all windows that lie inside: H x W to H-10 x W-10."""
    inside = slice(RADIUS, -RADIUS)
    smoothed: Plane = correlate1d(correlate1d(plane, WEIGHTS, axis=0)[inside], WEIGHTS, axis=1)[:, inside]
    return smoothed


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
