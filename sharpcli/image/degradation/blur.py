"""Kinds of blur by name, and their kernels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import SharpError

Kernel = NDArray[np.float64]

MOST = 12.0
"""Pixels, as the enhancers' option `blur` has it."""
SIZES = {"gaussian": ("SIGMA", 0.1), "defocus": ("RADIUS", 0.1), "motion": ("LENGTH", 1.0)}
"""What the size of each kind is called, and its least value in pixels."""
TURN = 360.0
FORMS = "gaussian:SIGMA, defocus:RADIUS or motion:LENGTH,ANGLE"
TAILS = 5
"""Standard deviations at which a Gaussian is cut: what is beyond is less than half a 16-bit level."""
SUBPIXELS = 8
"""Samples along a pixel that say how much of it a disc covers; as in training, and so are the POINTS."""
POINTS = 64
"""Samples along a motion, its ends among them."""


@dataclass(frozen=True)
class Blur:
    """A blur of one kind of SIZES, `size` in pixels; `angle` is that of a motion, in degrees, counterclockwise.

    Raises SharpError for a size or an angle out of range.
    """

    kind: str
    size: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        name, least = SIZES[self.kind]
        if not least <= self.size <= MOST:  # NaN is not either
            raise SharpError(f"--blur {self.kind} wants a {name} of {least:g} to {MOST:g} pixels, not {self.size:g}")
        if not -TURN <= self.angle <= TURN:
            raise SharpError(f"--blur {self.kind} wants an ANGLE of {-TURN:g} to {TURN:g} degrees, not {self.angle:g}")

    @classmethod
    def parse(cls, text: str) -> Blur:
        """The blur that a text such as `gaussian:1.2`, `defocus:2` or `motion:7,30` names; raises SharpError."""
        kind, _, values = text.strip().lower().partition(":")
        try:
            numbers = [float(value) for value in values.split(",")]
        except ValueError:
            numbers = []
        if kind not in SIZES or len(numbers) != (2 if kind == "motion" else 1):
            raise SharpError(f"--blur wants {FORMS}, not {text!r}")
        return cls(kind, *numbers)

    def kernel(self) -> Kernel:
        """Weights that sum to one, of an odd number of rows and as many columns."""
        if self.kind == "gaussian":
            weights = _gaussian(self.size)
        elif self.kind == "defocus":
            weights = _disc(self.size)
        else:
            weights = _line(self.size, math.radians(self.angle))
        kernel: Kernel = weights / weights.sum()
        return kernel


def _gaussian(sigma: float) -> Kernel:
    reach = math.ceil(TAILS * sigma)
    line: Kernel = np.exp(-np.square(np.arange(-reach, reach + 1) / sigma) / 2)
    return np.outer(line, line)


def _disc(radius: float) -> Kernel:
    """How much of each pixel lies in the disc of confusion of a round aperture."""
    side = 2 * math.ceil(radius) + 1
    squares = np.square((np.arange(side * SUBPIXELS) + 0.5) / SUBPIXELS - side / 2)
    inside = squares[:, None] + squares <= radius**2
    covered: Kernel = inside.reshape(side, SUBPIXELS, side, SUBPIXELS).mean((1, 3))
    return covered


def _line(length: float, angle: float) -> Kernel:
    """A point that moves evenly from one end of `length` pixels to the other, seen by pixels one pixel wide."""
    reach = math.ceil((length - 1) / 2) + 1
    grid = np.arange(-reach, reach + 1)
    place = np.linspace(-0.5, 0.5, POINTS) * (length - 1)
    # Rows count downwards. Each point is shared between the four pixels around it: points x side.
    x, y = place * math.cos(angle), -place * math.sin(angle)
    wide, high = (np.maximum(0, 1 - np.abs(grid - along[:, None])) for along in (x, y))
    weights: Kernel = high.T @ wide
    return weights
