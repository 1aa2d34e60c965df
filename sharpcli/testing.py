"""What a plugin's own tests need: an image, a degradation, the guarded call, and how far a result looks."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from sharpcli.image.resample import degrade, resize
from sharpcli.image.sample import photograph
from sharpcli.measure.receptive_field import receptive_field
from sharpcli.pipeline.guard import call
from sharpcli.plugin.enhancer import Enhancer

__all__ = ["degrade", "receptive_field", "resize", "run_enhancer", "sample_image"]


def sample_image(size: tuple[int, int], mode: str = "RGB") -> NDArray[Any]:
    """A real photograph of `size` (width, height), H x W x C uint8; `mode` is RGB (C = 3) or L (C = 1)."""
    return photograph(size, mode).pixels


def run_enhancer(enhancer: Enhancer, pixels: NDArray[Any]) -> NDArray[Any]:
    """Run an enhancer as the core does, on H x W x C of a shape and dtype that it declares.

    Raises SharpError, which names the enhancer, when it fails or breaks its contract.
    """
    return call(enhancer, pixels)
