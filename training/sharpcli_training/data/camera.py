"""What a webcam makes of a frame before it is coded: motion, noise, sharpening, motion JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Planes = list[NDArray[np.uint8]]
"""Luma and two of chroma, each H x W."""


@dataclass(frozen=True)
class Camera:
    """One camera; the fields are what it does to the luma of every frame."""

    light: float
    """Share of the light that a well-lit room has; the reference is as dark."""
    noise: float
    """Standard deviation in levels."""
    softness: float
    """Standard deviation in pixels of the blur that its own denoising leaves in the noise."""
    motion: int
    """Pixels that the image moves during an exposure."""
    sharpening: int
    """Percent of unsharp masking."""
    quality: int
    """Of its JPEG frames; 0 where they are not compressed."""

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Camera:
        """Some camera."""
        dark = rng.random() < 0.3
        return cls(
            light=float(rng.uniform(0.35, 0.8)) if dark else 1.0,
            noise=float(rng.uniform(2, 7) if dark else rng.uniform(0.5, 3)),
            softness=float(rng.uniform(0.4, 1.1)),
            motion=int(rng.integers(2, 4)) if rng.random() < 0.2 else 1,
            sharpening=int(rng.integers(20, 90)) if rng.random() < 0.5 else 0,
            quality=int(rng.integers(60, 95)) if rng.random() < 0.5 else 0,
        )

    def lit(self, planes: Planes) -> Planes:
        """A frame in this light, which is how the camera should have seen it."""
        if self.light == 1:
            return planes
        share = (self.light, self.light, self.light)
        black = (16, 128, 128)
        return [
            np.rint(zero + part * (plane - float(zero))).astype(np.uint8)
            for plane, part, zero in zip(planes, share, black, strict=True)
        ]

    def seen(self, planes: Planes, rng: np.random.Generator) -> Planes:
        """A frame in this light as the camera gives it."""
        luma = planes[0].astype(np.float32)
        if self.motion > 1:
            luma = np.mean([np.roll(luma, shift, 1) for shift in range(self.motion)], 0)
        luma += _grain(luma.shape, self.noise, self.softness, rng)
        image = Image.fromarray(np.rint(luma.clip(0, 255)).astype(np.uint8))
        if self.sharpening:
            image = image.filter(ImageFilter.UnsharpMask(1.2, self.sharpening, 0))
        if self.quality:
            data = io.BytesIO()
            image.save(data, "JPEG", quality=self.quality)
            image = Image.open(data)
        return [np.asarray(image), *planes[1:]]


def _grain(shape: tuple[int, ...], noise: float, softness: float, rng: np.random.Generator) -> NDArray[np.float32]:
    grain = rng.standard_normal(shape, np.float32)
    taps = np.exp(-0.5 * (np.arange(-2, 3) / softness) ** 2)
    taps /= np.sqrt((taps**2).sum())  # the noise is no weaker for being soft
    for axis in (0, 1):
        grain = sum(tap * np.roll(grain, step, axis) for step, tap in zip(range(-2, 3), taps, strict=True))
    return np.asarray(noise * grain, np.float32)
