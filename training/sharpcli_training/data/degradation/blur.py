"""Blurs images, each with its own kernel, in the frequency domain (the image is taken to repeat)."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from sharpcli_training.data.degradation.constants import per_image
from sharpcli_training.data.degradation.draw import Draw
from sharpcli_training.data.degradation.kernels import SIDE, kernels
from sharpcli_training.data.degradation.where import where

GAMMA = 2.2


def blurred(levels: Tensor, draw: Draw) -> Tensor:
    """Levels (N x C x W x W, 0-255) behind each image's kernel; not rounded, and wrong near the borders."""
    width = levels.shape[-1]
    kernel = pad(kernels(draw), (0, width - SIDE, 0, width - SIDE)).roll((-(SIDE // 2), -(SIDE // 2)), (1, 2))
    transfer = torch.fft.rfft2(kernel)[:, None] * gaussian_transfer(draw.soft, width)
    light = where(draw.linear, lambda some, of: 255 * (some / 255).clamp(min=0) ** GAMMA, levels, draw)
    mixed = filtered(light, transfer)
    return where(draw.linear, lambda some, of: 255 * (some / 255).clamp(min=1e-6) ** (1 / GAMMA), mixed, draw)


def gaussian_transfer(sigma: Tensor, width: int) -> Tensor:
    """What a Gaussian blur leaves of each frequency, N x 1 x W x (W / 2 + 1)."""
    high = torch.fft.fftfreq(width, device=sigma.device).view(-1, 1).square()
    wide = torch.fft.rfftfreq(width, device=sigma.device).view(1, -1).square()
    return torch.exp(-2 * math.pi**2 * per_image(sigma).square() * (high + wide))


def filtered(images: Tensor, transfer: Tensor) -> Tensor:
    """Images with every frequency multiplied by what `transfer` says."""
    out: Tensor = torch.fft.irfft2(torch.fft.rfft2(images) * transfer, s=images.shape[-2:])
    return out
