"""What the loop, the export and the measurements know of a network."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn

from sharpcli.image.image import BT601


class RestorationNetwork(nn.Module):
    """Maps pixels in [0, 1] to sharper pixels of the same shape, N x C x H x W."""

    color: str
    """`luma` (C = 1) or `rgb` (C = 3)."""
    tile_multiple: int
    """Height and width must be multiples of this."""
    ends: tuple[str, ...] = ()
    """How the names of parameters begin whose layers see pixels, make them, or only change a width."""

    def gates(self) -> dict[str, nn.Module]:
        """By name, the layers whose outputs, N x channels x H x W, a ReLU follows."""
        raise NotImplementedError

    @property
    def channels_in(self) -> int:
        """C."""
        return 1 if self.color == "luma" else 3


def to_luma(pixels: Tensor) -> Tensor:
    """N x C x H x W to N x 1 x H x W, the luma of `sharpcli.image.image.luma`; one channel already is luma."""
    if pixels.shape[1] == 1:
        return pixels
    return (pixels * _luma_weights(pixels.device)).sum(1, keepdim=True)


@cache
def _luma_weights(device: torch.device) -> Tensor:
    """Made once a device: a copy from the host would be waited for, and no CUDA graph can hold it."""
    return torch.from_numpy(BT601).to(device).view(1, 3, 1, 1)
