"""What is checked: an enhancer with its options, and the images that it is given."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.image.image import Pixels, luma
from sharpcli.image.sample import photograph
from sharpcli.pipeline.guard import call, for_image
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.failures import PluginError

Kind = tuple[str, int]
"""dtype and number of channels."""
IMAGE_SIZE = (48, 64)
"""Height and width of the image that most checks use."""


class Failure(Exception):
    """Says in one line what is wrong with an enhancer, and what would be right."""


@dataclass(frozen=True)
class Subject:
    """An enhancer as its user addressed it; `broken` is why there is none to check."""

    text: str
    found: Enhancer | None
    broken: str = ""

    @property
    def enhancer(self) -> Enhancer:
        """The enhancer with its options; raises Failure where it could not be loaded."""
        if self.found is None:
            raise Failure(self.broken)
        return self.found

    def as_by(self, other: object) -> Subject:
        """The same with another enhancer, which one of its methods returned; raises Failure where that is none."""
        if not isinstance(other, Enhancer):
            raise Failure(f"one of its methods returned {type(other).__name__} instead of an enhancer")
        return Subject(self.text, other)

    @property
    def file(self) -> Path | None:
        """The Python file that the enhancer is written in."""
        module = sys.modules.get(type(self.found).__module__) if self.found else None
        return Path(module.__file__) if module and module.__file__ else None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What it is given on a colour image: float32 first, which shows more."""
        dtypes = ("float32", "uint8") if self.enhancer.dtype == "any" else (self.enhancer.dtype,)
        return tuple(product(dtypes, (1 if self.enhancer.color == "luma" else 3,)))

    def images(self, size: tuple[int, int] = IMAGE_SIZE, variation: int = 0) -> Iterator[NDArray[Any]]:
        """A soft photograph of `size` (height, width) in each of these kinds; each variation is another image."""
        for kind in self.kinds:
            yield as_kind(soft(size, variation), kind)

    def image(self, size: tuple[int, int] = IMAGE_SIZE, variation: int = 0) -> NDArray[Any]:
        """The first of them."""
        return next(self.images(size, variation))

    def chosen(self, pixels: NDArray[Any]) -> Enhancer:
        """What the enhancer wants run on an image; raises PluginError."""
        return for_image(self.enhancer, np.rint(pixels * 255).astype(np.uint8) if pixels.dtype.kind == "f" else pixels)

    def enhanced(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """The result for pixels as it takes them; raises PluginError."""
        return call(self.chosen(pixels), pixels)


@contextmanager
def during(circumstances: str) -> Iterator[None]:
    """Say under which circumstances an enhancer failed."""
    try:
        yield
    except PluginError as error:
        error.what = f"{error.what} ({circumstances})"
        raise


@lru_cache(maxsize=64)
def soft(size: tuple[int, int], variation: int = 0) -> Pixels:
    """A photograph of `size` (height, width) as enhancers are made for: uint8 RGB, and blurred; others are darker too.

    Some networks leave a sharp image alone, and would show nothing of what they do.
    """
    from scipy.ndimage import gaussian_filter

    sharp = np.roll(photograph(size[::-1]).pixels, 17 * variation, axis=(0, 1)) * np.float32(1 - variation % 4 / 5)
    blurred: Pixels = np.rint(gaussian_filter(sharp, (1.5, 1.5, 0))).astype(np.uint8)
    blurred.flags.writeable = False
    return blurred


def as_kind(rgb: Pixels, kind: Kind) -> NDArray[Any]:
    """Pixels of a kind from uint8 RGB; a new array."""
    dtype, channels = kind
    levels = rgb.astype(np.float32)
    levels = luma(levels) if channels == 1 else levels
    return np.rint(levels).astype(np.uint8) if dtype == "uint8" else levels / np.float32(255)


def levels_apart(a: NDArray[Any], b: NDArray[Any]) -> float:
    """The largest difference of two arrays of one kind, in levels of 255."""
    unit = 255 if a.dtype.kind == "f" else 255 / np.iinfo(a.dtype).max
    return float(np.abs(a.astype(np.float64) - b).max()) * unit


def in_levels(levels: float) -> str:
    """A difference in words."""
    return f"up to {levels:.3g} levels of 255"
