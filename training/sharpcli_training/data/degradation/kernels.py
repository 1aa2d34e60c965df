"""Blur kernels: generalised Gaussian, disc (defocus) and line (motion)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

from sharpcli_training.data.degradation.draw import Draw

SIDE = 25
"""Pixels along a kernel."""
DISC_RADIUS = 5
"""Whole pixels around the middle that the largest disc covers."""
SUBPIXELS = 8
"""Samples along a pixel that say how much of it a disc covers."""
LINE_POINTS = 64


def kernels(draw: Draw) -> Tensor:
    """The kernel of each image, N x SIDE x SIDE, summing to one."""
    kind = draw.kind.view(-1, 1, 1)
    kernel = torch.where(kind == 0, _gaussian(draw), torch.where(kind == 1, _disc(draw), _line(draw)))
    return kernel / kernel.sum((1, 2), keepdim=True)


def _grid(draw: Draw) -> Tensor:
    return torch.arange(SIDE, device=draw.sigma.device) - float(SIDE // 2)


def _gaussian(draw: Draw) -> Tensor:
    y, x = _grid(draw).view(1, SIDE, 1), _grid(draw).view(1, 1, SIDE)
    cos, sin = draw.theta.cos().view(-1, 1, 1), draw.theta.sin().view(-1, 1, 1)
    along = (draw.sigma * draw.anisotropy.exp()).view(-1, 1, 1)
    across = (draw.sigma * (-draw.anisotropy).exp()).view(-1, 1, 1)
    u, v = x * cos + y * sin, y * cos - x * sin
    # Of this width the standard deviation is sigma, whatever the exponent.
    half = 2 / draw.exponent.view(-1, 1, 1)
    width = torch.exp(0.5 * (torch.lgamma(2 * half) - torch.lgamma(half)))
    distance = (u / along).square() + (v / across).square()
    return torch.exp(-((distance / 2 * width.square() + 1e-9) ** (1 / half)))


def _disc(draw: Draw) -> Tensor:
    fine = torch.arange((2 * DISC_RADIUS + 1) * SUBPIXELS, device=draw.radius.device)
    place = (fine + 0.5) / SUBPIXELS - DISC_RADIUS - 0.5
    distance = place.view(1, -1, 1).square() + place.view(1, 1, -1).square()
    inside = (distance <= draw.radius.view(-1, 1, 1).square()).float()
    covered = avg_pool2d(inside[:, None], SUBPIXELS)[:, 0]
    return pad(covered, (SIDE // 2 - DISC_RADIUS,) * 4)


def _line(draw: Draw) -> Tensor:
    steps = torch.linspace(-0.5, 0.5, LINE_POINTS, device=draw.length.device)
    place = steps.view(1, -1) * (draw.length - 1).view(-1, 1)
    x, y = place * draw.theta.cos().view(-1, 1), place * draw.theta.sin().view(-1, 1)
    # Each point is shared between the four pixels around it: N x points x SIDE.
    wide = (1 - (_grid(draw) - x[..., None]).abs()).clamp(min=0)
    high = (1 - (_grid(draw) - y[..., None]).abs()).clamp(min=0)
    return high.mT @ wide
