"""What the loop, the export and the measurements know of a network."""

from __future__ import annotations

from torch import nn


class RestorationNetwork(nn.Module):
    """Maps pixels in [0, 1] to sharper pixels of the same shape, N x C x H x W."""

    colour: str
    """`luma` (C = 1) or `rgb` (C = 3)."""
    align: int
    """Height and width must be multiples of this."""

    @property
    def channels_in(self) -> int:
        """C."""
        return 1 if self.colour == "luma" else 3
