"""What the loop, the export and the measurements know of a network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sharpcli.image.image import BT601


class RestorationNetwork(nn.Module):
    """Maps pixels in [0, 1] to sharper pixels of the same shape, N x C x H x W."""

    color: str
    """`luma` (C = 1) or `rgb` (C = 3)."""
    tile_multiple: int
    """Height and width must be multiples of this."""

    @property
    def channels_in(self) -> int:
        """C."""
        return 1 if self.color == "luma" else 3


def to_luma(pixels: Tensor) -> Tensor:
    """N x C x H x W to N x 1 x H x W, the luma of `sharpcli.image.image.luma`; one channel already is luma."""
    if pixels.shape[1] == 1:
        return pixels
    return (pixels * torch.from_numpy(BT601).to(pixels.device).view(1, 3, 1, 1)).sum(1, keepdim=True)
