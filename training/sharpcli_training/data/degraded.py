"""Batches of degraded crops and their references."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from sharpcli_training.data.call_frames import CallFrames
from sharpcli_training.data.degradation.chain import degrade
from sharpcli_training.data.degradation.constants import per_image
from sharpcli_training.data.degradation.draw import Draw, draw
from sharpcli_training.data.degradation.restrict import restricted
from sharpcli_training.data.resident import WINDOW, Resident

CROP = 96
EDGE = (WINDOW - CROP) // 2
"""Pixels around a crop that were degraded with it, so that no border is seen in it."""
NEAREST = EDGE - 4
"""The least of them."""
CODED = 0.08
"""Share of crops that were coded beforehand, where a pack has such."""


Images = Resident | CallFrames
"""What batches are made of."""


@dataclass(frozen=True)
class Batch:
    """Crops, N x C x CROP x CROP in [0, 1]."""

    degraded: Tensor
    reference: Tensor
    draw: Draw


def degraded_batch(images: Images, size: int, generator: torch.Generator, only: str = "") -> Batch:
    """`size` crops, each degraded in its own way, from the generator alone; see `restricted` for `only`.

    Where the images have a bank, some come from there, unless only one degradation is asked for. Those of calls were
    degraded beforehand, and two and two follow one another.
    """
    if isinstance(images, CallFrames):
        return Batch(*images.crops(size, CROP, generator))
    originals = images.windows(size, generator)
    drawn = restricted(draw(size, generator, images.device), only)
    degraded = degrade(originals, drawn, generator)
    # Moved by up to a block, so that JPEG's grid lies anywhere.
    start = NEAREST + (torch.rand(2, generator=generator, device=images.device) * 8).long()
    along = torch.arange(CROP, device=images.device)
    row, column = (along + start[0])[:, None], (along + start[1])[None]
    low, high = (levels[:, :, row, column].contiguous() for levels in (degraded, originals))
    if images.bank is not None and not only:
        # Exchanged by a mask: how many are is known to the device alone.
        mask = torch.rand(size, generator=generator, device=images.device) < CODED
        low_coded, high_coded, drawn_coded = images.bank.crops(size, CROP, NEAREST, generator)
        low, high = (torch.where(per_image(mask), *levels) for levels in ((low_coded, low), (high_coded, high)))
        drawn = _either(mask, drawn_coded, drawn)
    return Batch(low / 255, high / 255, drawn)


def _either(mask: Tensor, one: Draw, other: Draw) -> Draw:
    """Each image's draw from `one` where the mask says so, else from `other`."""
    names = [field.name for field in fields(Draw)]
    return Draw(**{name: torch.where(mask, getattr(one, name), getattr(other, name)) for name in names})
