"""Batches of degraded crops and their references."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from sharpcli_training.data.degradation.chain import degrade
from sharpcli_training.data.degradation.draw import Draw, draw
from sharpcli_training.data.degradation.restrict import restricted
from sharpcli_training.data.resident import WINDOW, Resident

CROP = 96
EDGE = (WINDOW - CROP) // 2
"""Pixels around a crop that were degraded with it, so that no border is seen in it."""


@dataclass(frozen=True)
class Batch:
    """Crops, N x C x CROP x CROP in [0, 1]."""

    degraded: Tensor
    reference: Tensor
    draw: Draw


def degraded_batch(images: Resident, size: int, generator: torch.Generator, only: str = "") -> Batch:
    """`size` crops, each degraded in its own way, from the generator alone; see `restricted` for `only`."""
    originals = images.windows(size, generator)
    drawn = restricted(draw(size, generator, images.device), only)
    degraded = degrade(originals, drawn, generator)
    # Moved by up to a block, so that JPEG's grid lies anywhere.
    start = EDGE - 4 + (torch.rand(2, generator=generator, device=images.device) * 8).long()
    along = torch.arange(CROP, device=images.device)
    row, column = (along + start[0])[:, None], (along + start[1])[None]
    low, high = (levels[:, :, row, column].contiguous() / 255 for levels in (degraded, originals))
    return Batch(low, high, drawn)
