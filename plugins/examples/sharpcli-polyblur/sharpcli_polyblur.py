"""Polyblur: a mild blur is estimated from the steepest edges and undone by reblurring (Delbracio and others 2021).

M. Delbracio, I. Garcia-Dorado, S. Choi, D. Kelly and P. Milanfar, "Polyblur: Removing mild blur by polynomial
reblurring", IEEE Transactions on Computational Imaging 7, arXiv 2012.09322. The README says what differs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sharpcli.plugin import Enhancer, hookimpl, option

Plane = NDArray[np.float32]
"""One channel, H x W."""

SLOPE, OWN_BLUR = 89.8 / 255, 0.764
"""Steepest slope of an edge times its blur in pixels, and the blur that a sharp image is taken to have."""
LEAST, MOST = 0.3, 4.0
"""Pixels between which the standard deviation of the blur is kept."""
QUANTILE = 1e-4
"""Share of the darkest and of the brightest pixels that do not count for the contrast."""
MEASURED, INTERPOLATED = 6, 30
"""Directions in half a turn."""
ALPHA, BETA = 6.0, 1.0
"""What the polynomial does to middle frequencies and to those that the blur removed."""
DEGREE = 3
TAILS = 4


@dataclass(frozen=True)
class Gaussian:
    """A blur: standard deviations in pixels along `angle` and across it; radians, from x (right) towards y (down)."""

    along: float
    across: float
    angle: float

    def transfer(self, height: int, width: int) -> Plane:
        """Its Fourier transform as `rfft2` lays it out: H x (W // 2 + 1)."""
        y = 2 * np.pi * fft.fftfreq(height).astype(np.float32)[:, None]
        x = 2 * np.pi * fft.rfftfreq(width).astype(np.float32)
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        transform: Plane = np.exp(
            -np.square(self.along * (cosine * x + sine * y)) / 2 - np.square(self.across * (cosine * y - sine * x)) / 2
        )
        return transform


class Polyblur(Enhancer):
    """Each round estimates the Gaussian of the whole image, deblurs every channel by it, and removes the halos."""

    name = "polyblur"
    summary = "estimates a mild Gaussian blur from edges and undoes it by polynomial reblurring"
    color = "any"
    bytes_per_pixel = 40
    iterations: int = option(1, "rounds of estimating and deblurring, 3 for strong blur", min=1, max=3)

    def enhance(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """H x W x C float32 without the blur that was found; a copy where nothing has any contrast."""
        sharp = np.array(pixels, order="C")
        for _ in range(self.iterations):
            if blur := estimated(sharp.mean(axis=2)):
                for channel in range(sharp.shape[2]):
                    plane = np.ascontiguousarray(sharp[..., channel])
                    sharp[..., channel] = without_halos(plane, reblurred(plane, blur))
        return sharp


def estimated(plane: Plane) -> Gaussian | None:
    """The blur, from the steepest slope in each direction; None for a plane without contrast.

    A step of full contrast under a Gaussian is steepest by 1 / (sigma sqrt(2 pi)), so slope and size are inverse.
    """
    from scipy.interpolate import CubicSpline  # takes as long to import as all the rest

    low, high = np.quantile(plane, [QUANTILE, 1 - QUANTILE])
    if high <= low:
        return None
    x, y = gradient(((plane - low) / (high - low)).clip(0, 1).astype(np.float32))
    angles = np.pi / MEASURED * np.arange(MEASURED)
    steepest = [float(np.abs(math.cos(angle) * x + math.sin(angle) * y).max()) for angle in angles]
    spline = CubicSpline([*angles, np.pi], [*steepest, steepest[0]], bc_type="periodic")
    fine = np.pi / INTERPOLATED * np.arange(INTERPOLATED)
    slopes = spline(fine)
    softest = int(slopes.argmin())
    crosswise = slopes[(softest + INTERPOLATED // 2) % INTERPOLATED]
    return Gaussian(_size(slopes[softest]), _size(crosswise), float(fine[softest]))


def _size(slope: float) -> float:
    """The standard deviation that goes with a slope, less the blur of a sharp image."""
    # There is no slope along stripes, and a spline through very different slopes may pass below zero.
    square = (SLOPE / max(slope, 1e-6)) ** 2 - OWN_BLUR**2
    return min(max(math.sqrt(max(square, 0.0)), LEAST), MOST)


def reblurred(plane: Plane, blur: Gaussian) -> Plane:
    """The plane through a cubic in the blur that inverts it where it is mild: p(1) = 1, p'(1) = -1.

    p''(1) = ALPHA raises the middle frequencies; p(0) = BETA is the gain of those that are lost, which is noise mostly.
    """
    reach = math.ceil(TAILS * math.sqrt(DEGREE) * max(blur.along, blur.across))
    height, width = plane.shape
    # A length that is fast for the transform, with mirrored borders of at least `reach` on all sides.
    rows, columns = (fft.next_fast_len(side + 2 * reach, real=True) for side in (height, width))
    margins = (reach, rows - height - reach), (reach, columns - width - reach)
    spectrum = fft.rfft2(np.pad(plane, margins, mode="symmetric"))
    spectrum *= np.polyval(polynomial(), blur.transfer(rows, columns))
    result: Plane = fft.irfft2(spectrum, (rows, columns))[reach : reach + height, reach : reach + width]
    return result


def polynomial() -> NDArray[np.float32]:
    """The coefficients of p, the highest power first."""
    return np.array([ALPHA / 2 - BETA + 2, 3 * BETA - ALPHA - 6, 5 - 3 * BETA + ALPHA / 2, BETA], np.float32)


def without_halos(blurred: Plane, deblurred: Plane) -> Plane:
    """`deblurred`, drawn towards `blurred` where its gradient was turned round.

    As far as it takes for the mixture's gradient to stand still, if the share were the same all around.
    """
    pairs = zip(gradient(blurred), gradient(deblurred), strict=True)
    against, squares = np.zeros_like(blurred), np.zeros_like(blurred)
    for before, after in pairs:
        against -= before * after
        squares += before * before
    share = np.divide(against, squares + against, out=np.zeros_like(blurred), where=against > 0)
    result: Plane = deblurred + share * (blurred - deblurred)
    return result


def gradient(plane: Plane) -> tuple[Plane, Plane]:
    """Central differences along x and y, with repeated borders."""
    halves = np.pad(plane, 1, mode="edge") * np.float32(0.5)
    return halves[1:-1, 2:] - halves[1:-1, :-2], halves[2:, 1:-1] - halves[:-2, 1:-1]


@hookimpl
def enhancers() -> Iterable[type[Enhancer]]:
    """Polyblur."""
    return [Polyblur]
