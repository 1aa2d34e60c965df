"""JPEG's loss (ITU-T T.81) on one plane: transform, quantiser and back, in the integer arithmetic of libjpeg's "islow".

Each of its passes is a matrix of whole numbers and a shift that rounds. Float64 holds every product and sum exactly, on
any device, so that the result is libjpeg-turbo's to the byte.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sharpcli_training.data.degradation.constants import constant

BLOCK = 8
MIDDLE = 128
"""The level that is transformed as zero."""
# fmt: off
TRANSFORM = (
    8192,   8192,   8192,   8192,   8192,   8192,   8192,   8192,
   11363,   9633,   6437,   2260,  -2260,  -6437,  -9633, -11363,
   10703,   4433,  -4433, -10703, -10703,  -4433,   4433,  10703,
    9633,  -2259, -11362,  -6436,   6436,  11362,   2259,  -9633,
    8192,  -8192,  -8192,   8192,   8192,  -8192,  -8192,   8192,
    6437, -11362,   2261,   9633,  -9633,  -2261,  11362,  -6437,
    4433, -10704,  10704,  -4433,  -4433,  10704, -10704,   4433,
    2260,  -6436,   9633, -11363,  11363,  -9633,   6436,  -2260,
)
"""The cosine transform, frequency x place, times 8192 * sqrt(8), as the additions and constants of jfdctint.c come out.
Those of jidctint.c come out as its transpose."""
# fmt: on
FIRST_SHIFT, FORWARD_SHIFT, INVERSE_SHIFT = 11, 15, 18
"""Bits that the first pass drops, and the second of either transform. Coefficients come out eight times too large."""
CENTERING = (0.5 - MIDDLE * 8 * 8192 / 2**FIRST_SHIFT, *(0.5,) * 7)
"""What the first pass adds: a half to round by, and to the lowest frequency what levels around zero would give."""
NUDGE = 1 - 2**-30
"""Halves are to go away from zero, but `round_` takes them to even: a divisor smaller by this takes them past the half,
and nothing else that far."""


def coded(plane: Tensor, steps: Tensor) -> Tensor:
    """One plane (N x H x W whole levels, sides multiples of 8) after a quantiser with steps N x 8 x 8."""
    count, height, width = plane.shape
    # Column in the block x row in the block x blocks: each pass is then one or eight large products. They go to and fro
    # between two buffers: fresh ones, whose pages a CPU has to fetch each time, cost more than the products.
    blocks = plane.view(count, height // BLOCK, BLOCK, width // BLOCK, BLOCK).permute(4, 2, 0, 1, 3)
    values = torch.empty(blocks.shape, dtype=torch.float64, device=plane.device).copy_(blocks).view(BLOCK, BLOCK, -1)
    other = torch.empty_like(values)
    forward = constant(TRANSFORM, plane.device, torch.float64).view(BLOCK, BLOCK)
    first = constant(CENTERING, plane.device, torch.float64)
    half = constant((0.5,), plane.device, torch.float64)
    last = constant((0.5 + MIDDLE,), plane.device, torch.float64)

    _rows(forward, values, first, FIRST_SHIFT, other)
    _columns(forward, other, half, FORWARD_SHIFT, values)
    steps = steps.permute(2, 1, 0)[..., None]
    values.view(BLOCK, BLOCK, count, -1).div_(steps * (BLOCK * NUDGE)).round_().mul_(steps)
    _columns(forward.mT, values, half, FIRST_SHIFT, other)
    _rows(forward.mT, other, last, INVERSE_SHIFT, values)
    return values.clamp_(0, 255).view(blocks.shape).permute(2, 3, 1, 4, 0).to(plane.dtype).reshape(plane.shape)


def steps_of(table: tuple[float, ...], quality: Tensor) -> Tensor:
    """A table at N qualities of 1 to 100, as libjpeg scales it: N x 8 x 8 steps of 1 to 255, float64."""
    quality = quality.double()
    percent = torch.where(quality < 50, (5000 / quality).floor(), 200 - 2 * quality).view(-1, 1, 1)
    base = constant(table, quality.device, torch.float64).view(1, BLOCK, BLOCK)
    return ((base * percent + 50) / 100).floor().clamp(1, 255)


def _rows(matrix: Tensor, values: Tensor, bias: Tensor, shift: int, out: Tensor) -> None:
    """A pass along the rows of each block: products divided by 2 ** shift, plus a bias, rounded down."""
    torch.addmm(bias[:, None], matrix, values.flatten(1), alpha=2.0**-shift, out=out.flatten(1))
    out.floor_()


def _columns(matrix: Tensor, values: Tensor, bias: Tensor, shift: int, out: Tensor) -> None:
    torch.baddbmm(bias, matrix.expand(BLOCK, -1, -1), values, alpha=2.0**-shift, out=out)
    out.floor_()
