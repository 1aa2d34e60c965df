"""What a sensor and a camera's own processing add: noise, then unsharp masking."""

from __future__ import annotations

import torch
from torch import Tensor

from sharpcli_training.data.degradation.blur import filtered, gaussian_transfer
from sharpcli_training.data.degradation.constants import per_image
from sharpcli_training.data.degradation.draw import Draw
from sharpcli_training.data.degradation.where import where

LUMA_OF_RGB_NOISE = 0.6685
"""Deviation of luma where each of R, G and B has noise of deviation 1: the root of the summed squared weights."""


def noisy(levels: Tensor, draw: Draw, generator: torch.Generator) -> Tensor:
    """Levels (N x C x W x W) with each image's noise on them: its deviation is that of luma at middle grey."""
    white = torch.randn(levels.shape, generator=generator, device=levels.device)
    if levels.shape[1] == 3:
        white = torch.where(per_image(draw.color_noise), white / LUMA_OF_RGB_NOISE, white[:, :1])
    noise = where(draw.correlation > 0, lambda some, of: _correlated(some, of.correlation), white, draw)
    shot = per_image(draw.shot)
    light = (1 - shot + 2 * shot * levels / 255).clamp(min=0).sqrt()
    return levels + noise * per_image(draw.noise) * light


def oversharpened(levels: Tensor, draw: Draw) -> Tensor:
    """Levels with a camera's unsharp mask of radius 1; what is to be restored stays the image before it."""
    amount = per_image(draw.sharpen)
    soft = filtered(levels, gaussian_transfer(torch.ones_like(draw.sharpen), levels.shape[-1]))
    return levels + amount * (levels - soft)


def _correlated(white: Tensor, sigma: Tensor) -> Tensor:
    """White noise seen through a Gaussian, its deviation kept."""
    transfer = gaussian_transfer(sigma, white.shape[-1])
    kernel = torch.fft.irfft2(transfer, s=white.shape[-2:])
    remaining = kernel.square().sum((-2, -1), keepdim=True).sqrt()
    return filtered(white, transfer) / remaining
