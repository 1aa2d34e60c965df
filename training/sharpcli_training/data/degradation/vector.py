"""What a draw did, in the words of the degradation vector."""

from __future__ import annotations

import torch
from torch import Tensor

from sharpcli_training.data.degradation.draw import Draw
from sharpcli_training.networks.vector import Findings, to_vector


def findings(draw: Draw) -> Findings:
    """The truth about each image of a batch."""
    turn = torch.stack((torch.cos(2 * draw.theta), torch.sin(2 * draw.theta)), 1)
    return Findings(
        kinds=_choices(draw.kind, 3) * draw.blur[:, None],
        sigma=draw.sigma,
        anisotropy=2 * draw.anisotropy[:, None] * turn,
        exponent=(draw.exponent / 2).log(),
        radius=draw.radius,
        length=draw.length,
        direction=turn,
        linear=draw.linear.float(),
        resampled=draw.resample.float(),
        log_scale=2 * draw.scale.float().log(),
        up=_choices(draw.up, 3),
        down=_choices(draw.down, 4),
        jpeg_before=draw.jpeg_before.float(),
        jpeg_before_loss=quality_loss(draw.quality_before),
        noise=draw.noise,
        correlation=draw.correlation,
        sharpened=draw.sharpen,
        jpeg=draw.jpeg.float(),
        jpeg_loss=quality_loss(draw.quality),
    )


def vector(draw: Draw) -> Tensor:
    """The degradation vectors of a batch, N x 29."""
    return to_vector(findings(draw))


def quality_loss(quality: Tensor) -> Tensor:
    """A JPEG quality as the vector says it: 0 for 105, which nothing has, 3 for 15."""
    return (105 - quality) / 30


def _choices(index: Tensor, count: int) -> Tensor:
    return (index[:, None] == torch.arange(count, device=index.device)).float()
