"""Resampling as Pillow does it, written as matrices: a batch in which each image has its own scale and kernel."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from sharpcli_training.data.degradation.constants import per_image
from sharpcli_training.data.degradation.draw import LARGEST_SCALE, TWICE_SCALES, Draw
from sharpcli_training.data.degradation.jpeg import jpeg
from sharpcli_training.data.degradation.where import where

ONE = 1 << 22
"""Pillow's weights are whole numbers of this part. What falls on a half depends on their rounding, so it is done here
too, in float64, whose sums of them are exact."""
ALIASED = 3
"""`Draw.down` of a reduction without antialiasing (OpenCV's default), whose bicubic slope is -0.75."""
WIDEST = 3
"""Lobes of Lanczos, the kernel that reaches farthest."""


@dataclass(frozen=True)
class Kernels:
    """The interpolation kernel of each image."""

    kind: Tensor
    """0 bicubic (Keys, 1981), 1 Lanczos of three lobes, 2 area."""
    slope: Tensor
    """Of bicubic: -0.5 in Pillow, -0.75 in OpenCV."""
    box: Tensor
    """Of area: a box instead of a triangle."""
    antialias: Tensor
    """Whether the kernel is stretched where the image shrinks."""
    most: float
    """The largest step that is asked for; the kernel would be cut off beyond."""

    def reach(self) -> Tensor:
        """How far each goes from the middle, in samples."""
        area = torch.where(self.box, 0.5, 1.0)
        return torch.where(self.kind == 0, 2.0, torch.where(self.kind == 1, WIDEST, area))

    def __call__(self, distance: Tensor) -> Tensor:
        """Values at distances from the middle, N x axes x rows x columns, in samples."""
        kind, slope, box = (per_image(values) for values in (self.kind, self.slope, self.box))
        x = distance.abs()
        near = ((slope + 2) * x - (slope + 3)) * x * x + 1
        far = ((x - 5) * x + 8) * x * slope - 4 * slope
        cubic = torch.where(x < 1, near, torch.where(x < 2, far, 0.0))
        lanczos = torch.where(x < 3, torch.sinc(distance) * torch.sinc(distance / 3), 0.0)
        flat = ((distance > -0.5) & (distance <= 0.5)).float()
        area = torch.where(box, flat, (1 - x).clamp(min=0))
        return torch.where(kind == 0, cubic, torch.where(kind == 1, lanczos, area))


def resized(levels: Tensor, step: Tensor, first: Tensor, kernels: Kernels, side: int) -> Tensor:
    """Square images on another grid of side x side: sample i lies at (i + 1/2) * step - 1/2 + first.

    `first` is N x 2, for y and x, or N x 1 for both. All of it is computed in float64. Rows come first and whole levels
    lie in between, as in Pillow. Beyond the image, samples repeat its border.
    """
    matrices = _matrices(step, first, kernels, levels.shape[-1], side).expand(-1, 2, -1, -1)
    rows, columns = matrices[:, :1], matrices[:, 1:]
    return whole_levels(rows @ whole_levels(levels.double() @ columns.mT)).float()


def resampled(levels: Tensor, draw: Draw) -> Tensor:
    """Levels (N x C x W x W) shrunk by each image's scale, perhaps through JPEG, and enlarged again."""
    smooth = draw.down != ALIASED
    always = torch.ones_like(smooth)
    shrink = Kernels(
        kind=torch.where(smooth, draw.down, torch.where(draw.box, 0, 2)),
        slope=torch.where(smooth, -0.5, -0.75),
        box=draw.box & smooth,
        antialias=smooth,
        most=LARGEST_SCALE,
    )
    enlarge = Kernels(kind=draw.up, slope=draw.cubic_up, box=~always, antialias=always, most=1)
    side = levels.shape[-1]
    phase = torch.stack((draw.phase_y, draw.phase_x), 1)
    low = resized(levels, draw.scale, phase, shrink, side)
    low = where(draw.jpeg_before, lambda some, of: jpeg(some, of.quality_before), low, draw)
    return resized(low, 1 / draw.scale, -phase / draw.scale[:, None], enlarge, side)


def resampled_twice(levels: Tensor, draw: Draw) -> Tensor:
    """Levels (N x C x W x W) enlarged or reduced by each image's `twice_scale`, and brought back."""
    always = torch.ones_like(draw.twice)
    kind = torch.where(draw.twice_bilinear, 2, 0)
    slope, most = torch.full_like(draw.cubic_up, -0.5), TWICE_SCALES[1]
    kernels = Kernels(kind=kind, slope=slope, box=~always, antialias=always, most=most)
    side = levels.shape[-1]
    aligned = torch.zeros_like(draw.twice_scale)[:, None]
    shown = resized(levels, draw.twice_scale, aligned, kernels, math.ceil(side * most))
    return resized(shown, 1 / draw.twice_scale, aligned, kernels, side)


def whole_levels(levels: Tensor) -> Tensor:
    """Levels of 0-255; halves go up, as Pillow's do."""
    return (levels + 0.5).floor().clamp(0, 255)


def _matrices(step: Tensor, first: Tensor, kernels: Kernels, size: int, side: int) -> Tensor:
    """Weights of resampling along each axis, N x axes x side x size; each row sums to nearly one.

    They are whole parts of ONE. A box has edges, and rounding decides on which side of them a sample is: so all is
    computed in Pillow's order.
    """
    row = torch.arange(side, device=step.device).view(-1, 1)
    center = ((row + 0.5) * per_image(step) + first[..., None, None]).clamp(0.5, size - 0.5)
    stretch = torch.where(kernels.antialias, step.clamp(min=1), 1.0)
    reach, stretch = per_image(kernels.reach() * stretch), per_image(stretch)
    # Most of the matrix is zero: what no kernel sees is not computed.
    column = (center - reach + 0.5).floor() + torch.arange(int(2 * WIDEST * kernels.most) + 1, device=step.device)
    inside = (column >= 0) & (column < (center + reach + 0.5).floor().clamp(max=size))
    weights = kernels((column - center + 0.5) * (1 / stretch)) * inside
    total = weights.sum(-1, keepdim=True)
    weights = (weights / torch.where(total.abs() < 1e-3, 1.0, total) * ONE).round() / ONE
    return weights.new_zeros(*first.shape, side, size).scatter_add_(3, column.clamp(0, size - 1).long(), weights)
