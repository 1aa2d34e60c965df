"""Applies a drawn chain of degradations to a batch of originals."""

from __future__ import annotations

import torch
from torch import Tensor

from sharpcli_training.data.degradation.blur import blurred
from sharpcli_training.data.degradation.constants import per_image
from sharpcli_training.data.degradation.draw import Draw
from sharpcli_training.data.degradation.jpeg import jpeg
from sharpcli_training.data.degradation.noise import noisy, oversharpened
from sharpcli_training.data.degradation.resize import resampled


def degrade(originals: Tensor, draw: Draw, generator: torch.Generator) -> Tensor:
    """Degraded levels of originals, N x C x W x W in 0-255 with W a multiple of 8; whole numbers.

    The generator gives the noise. Pixels within about 20 of the border feel that the image ends there.
    """
    levels = torch.where(per_image(draw.blur), blurred(originals, draw).round().clamp(0, 255), originals)
    levels = torch.where(per_image(draw.resample), resampled(levels, draw), levels)
    levels = oversharpened(noisy(levels, draw, generator), draw).round().clamp(0, 255)
    # To ask a GPU whether there is any would cost more than to do it, and could not be captured.
    if levels.is_cuda or draw.jpeg.any():
        levels = torch.where(per_image(draw.jpeg), jpeg(levels, draw.quality), levels)
    return levels
