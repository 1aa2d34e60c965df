"""Applies a degradation to those images of a batch that are to have it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from sharpcli_training.data.degradation.constants import per_image
from sharpcli_training.data.degradation.draw import Draw


def where(mask: Tensor, degradation: Callable[[Tensor, Draw], Tensor], levels: Tensor, draw: Draw) -> Tensor:
    """Levels (N x C x H x W), degraded where the mask (N) says so.

    A CPU works on those images alone. A GPU would have to be asked which they are, which costs more than to degrade
    all, and cannot be captured.
    """
    if levels.is_cuda:
        return torch.where(per_image(mask), degradation(levels, draw), levels)
    chosen = mask.nonzero().flatten()
    if not len(chosen):
        return levels
    return levels.index_put((chosen,), degradation(levels[chosen], draw.of(chosen)))
