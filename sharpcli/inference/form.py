"""How a network wants its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Layout = Literal["nchw", "nhwc"]
Order = Literal["rgb", "bgr"]
Peak = Literal[1, 255]


@dataclass(frozen=True)
class Form:
    """What has to be done to H x W x C pixels, float32 in [0, 1], for a network to know them, and undone afterwards."""

    layout: Layout = "nchw"
    """Whether channels come before rows and columns or after them."""
    channels: int = 3
    """3, or 1 for a network on luma."""
    order: Order = "rgb"
    peak: Peak = 1
    """What white is."""
    multiple: int = 1
    """Both sides must be multiples of it."""
    least: int = 1
    """And at least so many pixels."""
