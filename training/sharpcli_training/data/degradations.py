"""What each profile's training pairs went through: the degradation an enhancer learns to undo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sharpcli.image.compression import through_jpeg
from sharpcli.image.image import Pixels
from sharpcli.image.resample import degrade, resize

CROP = 128
MARGIN = 8
"""Pixels that a window is larger than the crop, which can then start anywhere on the degradation's sampling grid."""

Pair = tuple[Pixels, Pixels, str]
"""Input, reference, and what the input went through, in words that validation reports by."""


def x2(window: Pixels, rng: np.random.Generator) -> Pair:
    """Bicubic down and up by two, the grid aligned with the crop, as benchmarks are made."""
    reference = window[:CROP, :CROP]
    return degrade(reference, 2), reference, "x2"


def photo(window: Pixels, rng: np.random.Generator) -> Pair:
    """Unknown scale 1-4, phase, kernels, JPEG and noise; some inputs are sharp and must stay so."""
    quality = int(rng.integers(45, 96))
    draw = rng.random()
    if draw < 0.08:
        degraded, kind = window, "sharp"
    elif draw < 0.22:
        # Small losses in a large part of what people own weigh more than their share of the squared error.
        degraded, kind = through_jpeg(window, quality), "sharp + JPEG"
    else:
        # These few are what tools and web pages apply most; the rest fills the range between them, evenly in its
        # logarithm: from 1.3 to 1.6 the image changes as much as from 3 to 3.7.
        usual = rng.random() < 0.4
        scale = float(rng.choice([1.5, 2, 2, 3, 4])) if usual else float(1.25 * (4 / 1.25) ** rng.random())
        noisy = window if rng.random() < 0.9 else _noisy(window, scale * rng.uniform(0.5, 2.5), rng)
        compressed = rng.random() < 0.4
        kind = f"scale {'to' if scale <= 2 else 'over'} 2{' + JPEG' * compressed}"
        degraded = degrade(
            noisy,
            scale,
            jpeg=quality if compressed else None,
            down=str(rng.choice(["bicubic", "lanczos", "bilinear", "box"], p=[0.55, 0.15, 0.15, 0.15])),
            up=str(rng.choice(["bicubic", "lanczos", "bilinear"], p=[0.7, 0.15, 0.15])),
        )
    y, x = rng.integers(0, MARGIN + 1, size=2)
    cut = np.s_[y : y + CROP, x : x + CROP]
    return degraded[cut], window[cut], kind


def enlarged(window: Pixels, rng: np.random.Generator) -> Pair:
    """A sharp crop enlarged by two, twice: an input without a reference, which only a teacher can say something of."""
    y, x = rng.integers(0, CROP // 2 + MARGIN + 1, size=2)
    small = np.ascontiguousarray(window[y : y + CROP // 2, x : x + CROP // 2])
    large = resize(small, (CROP, CROP))
    return large, large, "enlarged"


def _noisy(window: Pixels, deviation: float, rng: np.random.Generator) -> Pixels:
    """Gaussian noise in 8-bit levels; shrinking by s leaves about 1/s of it."""
    levels: Pixels = np.rint(window + rng.normal(0, deviation, window.shape)).clip(0, 255).astype(np.uint8)
    return levels


PROFILES: dict[str, Callable[[Pixels, np.random.Generator], Pair]] = {"x2": x2, "photo": photo, "enlarged": enlarged}
