"""Sensor noise that an image and a seed decide."""

from __future__ import annotations

import hashlib

import numpy as np

from sharpcli.image.image import Pixels, bands

LEVELS = 255
PIXELS_PER_BAND = 1 << 18


def noisy(pixels: Pixels, deviation: float, generator: np.random.Generator, mode: str = "RGB") -> Pixels:
    """H x W x C with Gaussian noise in each channel by itself, alpha left alone; `deviation` is in 8-bit levels."""
    full = np.iinfo(pixels.dtype).max
    size = np.float32(deviation * (full / LEVELS))
    colors = len(mode.removesuffix("A"))
    result = pixels.copy()
    rows = max(1, PIXELS_PER_BAND // pixels.shape[1])
    for top in range(0, len(pixels), rows):
        levels = result[top : top + rows, :, :colors]
        noise = generator.standard_normal(levels.shape, np.float32)
        levels[:] = np.rint(levels + size * noise).clip(0, full)
    return result


def generator_of(pixels: Pixels, seed: int) -> np.random.Generator:
    """Random numbers of an image: others for each image, the same wherever and whenever it is done."""
    digest = hashlib.blake2b(f"{pixels.dtype} {pixels.shape}".encode(), digest_size=16)
    for rows in bands(*pixels.shape[:2]):
        digest.update(np.ascontiguousarray(pixels[rows]).data)
    return np.random.default_rng([seed, *digest.digest()])
