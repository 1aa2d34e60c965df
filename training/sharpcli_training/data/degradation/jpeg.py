"""JPEG (ITU-T T.81) without its entropy coding, which loses nothing: to the byte what libjpeg-turbo and Pillow make."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

from sharpcli_training.data.degradation.constants import constant
from sharpcli_training.data.degradation.dct import BLOCK, MIDDLE, coded, steps_of

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
ONE = 1 << 16
"""What one is in libjpeg's colour tables, whose entries are whole numbers."""
TO_YCC = (19595, 38470, 7471, -11059, -21709, 32768, 32768, -27439, -5329)
TO_RGB = (ONE, 0, 91881, ONE, -22554, -46802, ONE, 116130, 0)
HALF = ONE // 2
CHROMA_ZERO = MIDDLE * ONE + HALF - 1
"""Chroma's offset and rounding, with halves downwards, which keeps the largest value at 255."""


def jpeg(levels: Tensor, quality: Tensor) -> Tensor:
    """Levels (N x C x H x W, whole numbers) after JPEG at each image's quality, 1 to 100.

    RGB has chroma at half size in both directions (4:2:0) and must be at least 5 pixels wide.
    """
    luma_steps = steps_of(LUMA_TABLE, quality)
    if levels.shape[1] == 1:
        return _plane(levels[:, 0], luma_steps)[:, None]
    ycc = _mixed(levels, TO_YCC, (HALF, CHROMA_ZERO, CHROMA_ZERO))
    luma, chroma = _plane(ycc[:, 0], luma_steps), _chroma(ycc[:, 1:], steps_of(CHROMA_TABLE, quality)) - MIDDLE
    rgb = _mixed(torch.cat((luma[:, None], chroma), 1), TO_RGB, (HALF, HALF, HALF))
    return rgb.clamp_(0, 255)


def _mixed(planes: Tensor, matrix: tuple[int, ...], offsets: tuple[int, ...]) -> Tensor:
    """Three planes as whole-numbered mixtures of three, N x 3 x H x W."""
    mix = constant(matrix, planes.device, torch.float64).view(3, 3).expand(len(planes), -1, -1)
    start = constant(offsets, planes.device, torch.float64).view(3, 1)
    sums = torch.baddbmm(start, mix, planes.double().flatten(2), beta=1 / ONE, alpha=1 / ONE)
    return sums.floor_().to(planes.dtype).view(planes.shape)


def _plane(plane: Tensor, steps: Tensor) -> Tensor:
    """One plane, N x H x W, its blocks filled up with the last column and row."""
    height, width = plane.shape[-2:]
    return coded(_filled(plane, BLOCK, BLOCK), steps)[..., :height, :width]


def _chroma(chroma: Tensor, steps: Tensor) -> Tensor:
    """Both colour planes, N x 2 x H x W, through half size and the quantiser."""
    height, width = chroma.shape[-2:]
    # Columns are filled up before they are halved, rows after.
    half = avg_pool2d(_filled(chroma.flatten(0, 1), 2, 2 * BLOCK), 2)
    # Quarters: halves go down in even columns and up in odd ones, so that on the whole nothing shifts.
    bias = constant((0.25, 0.5), half.device, half.dtype).repeat(half.shape[-1] // 2)
    half = _filled((half + bias).floor_(), BLOCK, BLOCK)
    half = coded(half, steps.repeat_interleave(2, 0))[:, : (height + 1) // 2, : (width + 1) // 2]
    return _doubled(half)[:, :height, :width].reshape(chroma.shape)


def _doubled(half: Tensor) -> Tensor:
    """The "fancy" upsampling of libjpeg: 3/4 of the nearer sample and 1/4 of the farther, along each axis."""
    above, below = torch.cat((half[:, :1], half[:, :-1]), 1), torch.cat((half[:, 1:], half[:, -1:]), 1)
    tall = torch.stack((above, below), 2).add_(half[:, :, None], alpha=3).flatten(1, 2)
    left, right = torch.cat((tall[..., :1], tall[..., :-1]), -1), torch.cat((tall[..., 1:], tall[..., -1:]), -1)
    # Eight to round by in even columns, seven in odd ones.
    rounding = constant((8, 7), half.device, half.dtype)
    wide = torch.stack((left, right), -1).add_(tall[..., None], alpha=3).add_(rounding)
    return wide.mul_(1 / 16).floor_().flatten(-2)


def _filled(planes: Tensor, high: int, wide: int) -> Tensor:
    """Planes, N x H x W, whose last row and column are repeated until the sides are multiples."""
    missing = (0, -planes.shape[-1] % wide, 0, -planes.shape[-2] % high)
    return pad(planes, missing, mode="replicate") if any(missing) else planes
