"""JPEG's loss (ITU-T T.81) without its entropy coding: transform, quantiser and back, with libjpeg's tables."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

from sharpcli_training.data.degradation.constants import constant

BLOCK = 8
# fmt: off
LUMA_TABLE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
    87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)
CHROMA_TABLE = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66,
    *(99,) * 38,
)
# fmt: on


def jpeg(levels: Tensor, quality: Tensor) -> Tensor:
    """Levels (N x C x H x W, sides multiples of 8) after JPEG at each image's quality; RGB has chroma at half size."""
    if levels.shape[1] == 1:
        return _plane(levels, quality, LUMA_TABLE).round().clamp(0, 255)
    red, green, blue = levels.unbind(1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    chroma = torch.stack(
        (
            -0.168736 * red - 0.331264 * green + 0.5 * blue + 128,
            0.5 * red - 0.418688 * green - 0.081312 * blue + 128,
        ),
        1,
    )
    luma = _plane(luma[:, None].round(), quality, LUMA_TABLE).round().clamp(0, 255)[:, 0]
    blue_part, red_part = (_chroma(chroma, quality) - 128).unbind(1)
    rgb = (luma + 1.402 * red_part, luma - 0.344136 * blue_part - 0.714136 * red_part, luma + 1.772 * blue_part)
    return torch.stack(rgb, 1).round().clamp(0, 255)


def _chroma(chroma: Tensor, quality: Tensor) -> Tensor:
    """Both colour planes, N x 2 x H x W, through half size and the quantiser."""
    height, width = chroma.shape[-2:]
    half = avg_pool2d(chroma, 2).round()
    missing = (0, -half.shape[-1] % BLOCK, 0, -half.shape[-2] % BLOCK)
    half = pad(half, missing, mode="replicate")
    coded = _plane(half.flatten(0, 1)[:, None], quality.repeat_interleave(2), CHROMA_TABLE)
    full = interpolate(coded.view_as(half), scale_factor=2, mode="bilinear")
    return full.round().clamp(0, 255)[..., :height, :width]


def _plane(levels: Tensor, quality: Tensor, table: tuple[float, ...]) -> Tensor:
    """One plane, N x 1 x H x W; not yet rounded."""
    count, _, height, width = levels.shape
    percent = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality).view(-1, 1, 1)
    base = constant(table, levels.device).view(1, BLOCK, BLOCK)
    steps = ((base * percent + 50) / 100).floor().clamp(1, 255).view(count, 1, 1, 1, BLOCK, BLOCK)
    tiles = levels.view(count, 1, height // BLOCK, BLOCK, width // BLOCK, BLOCK).transpose(3, 4) - 128
    basis = _cosines(levels.device)
    tiles = basis.mT @ ((basis @ tiles @ basis.mT / steps).round() * steps) @ basis + 128
    return tiles.transpose(3, 4).reshape(levels.shape)


def _cosines(device: torch.device) -> Tensor:
    """The orthonormal cosine transform of 8 values, frequency x place."""
    frequency = torch.arange(BLOCK, device=device).view(-1, 1).float()
    place = torch.arange(BLOCK, device=device).view(1, -1).float()
    cosines = torch.cos((2 * place + 1) * frequency * math.pi / (2 * BLOCK)) / 2
    return cosines * torch.where(frequency == 0, 2**-0.5, 1.0)
