"""Structural similarity after Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
structural similarity", IEEE Transactions on Image Processing 13(4), 2004.

The figures are those of scikit-image's `structural_similarity`, which the tests compare with. They are computed here
because it takes several times as long: it filters five pictures where four will do, and whole ones, which no cache
holds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

RADIUS = 5
WINDOW = 2 * RADIUS + 1
SIGMA = 1.5
PEAK = 255
C1, C2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2
WEIGHTS = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
WEIGHTS /= WEIGHTS.sum()

Plane = NDArray[np.float64]


def ssim_sum(result: Plane, reference: Plane) -> float:
    """Sum of the similarity over the places where an 11 x 11 window fits, of two H x W planes in levels 0 to 255."""
    mean_a, mean_b = _smoothed(result), _smoothed(reference)
    product = mean_a * mean_b
    covariance = _smoothed(result * reference) - product
    squares = mean_a**2 + mean_b**2
    # Only the sum of both variances is asked for, so that one filter does for both.
    variances = _smoothed(result**2 + reference**2) - squares
    similarity = (2 * product + C1) * (2 * covariance + C2) / ((squares + C1) * (variances + C2))
    return float(similarity.sum())


def _smoothed(plane: Plane) -> Plane:
    """The weighted means of all windows that lie inside: H x W to H-10 x W-10."""
    inside = slice(RADIUS, -RADIUS)
    smoothed: Plane = correlate1d(correlate1d(plane, WEIGHTS, axis=0)[inside], WEIGHTS, axis=1)[:, inside]
    return smoothed
