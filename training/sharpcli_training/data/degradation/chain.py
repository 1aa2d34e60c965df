"""Applies a drawn chain of degradations to a batch of originals."""

from __future__ import annotations

import torch
from torch import Tensor

from sharpcli_training.data.degradation.blur import blurred
from sharpcli_training.data.degradation.draw import Draw
from sharpcli_training.data.degradation.jpeg import jpeg
from sharpcli_training.data.degradation.noise import noisy, oversharpened
from sharpcli_training.data.degradation.resize import resampled, resampled_twice
from sharpcli_training.data.degradation.where import where

SHIFT = (3, 5)
"""Rows and columns between the blocks of an image that is compressed twice."""


def degrade(originals: Tensor, draw: Draw, generator: torch.Generator) -> Tensor:
    """Degraded levels of originals, N x C x W x W in 0-255 with W a multiple of 8; whole numbers.

    The generator gives the noise. Pixels within about 20 of the border feel that the image ends there.
    """
    levels = where(draw.blur, lambda some, of: blurred(some, of).round().clamp(0, 255), originals, draw)
    levels = where(draw.resample, resampled, levels, draw)
    levels = where(draw.twice, resampled_twice, levels, draw)
    levels = where(draw.noise > 0, lambda some, of: noisy(some, of, generator), levels, draw)
    levels = where(draw.sharpen > 0, oversharpened, levels, draw).round().clamp(0, 255)
    levels = where(draw.recompressed, _jpeg_elsewhere, levels, draw)
    return where(draw.jpeg, lambda some, of: jpeg(some, of.quality), levels, draw)


def _jpeg_elsewhere(levels: Tensor, draw: Draw) -> Tensor:
    """JPEG whose blocks begin elsewhere than those of the last JPEG."""
    moved = jpeg(levels.roll(SHIFT, (-2, -1)), draw.quality_first)
    return moved.roll((-SHIFT[0], -SHIFT[1]), (-2, -1))
