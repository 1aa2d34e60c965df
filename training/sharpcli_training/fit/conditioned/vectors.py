"""The vectors that networks learn with: true ones, estimated ones, and what lies between."""

from __future__ import annotations

import torch
from torch import Tensor

from sharpcli_training.networks.vector import unknown_like

TRUE, ESTIMATED, UNKNOWN = 0.5, 0.1, 0.04
"""Shares of a batch with the vector as it is, with the estimate, and with none; the rest of it is mixed."""
FAR = 2.0
"""The most that an estimate may be wrong by in one place: told that an image was enlarged a millionfold, a student's
scales multiply from layer to layer, and one crop's loss becomes a million times that of the others."""


def training_vectors(
    true: Tensor, estimated: Tensor, trust: Tensor, generator: torch.Generator, together: int = 1
) -> Tensor:
    """Vectors to learn with, N x 29: somewhat wrong ones too, so that a wrong one does little harm later.

    `trust` (a scalar on the device) is 0 as long as the estimates are worth nothing, then 1. So many rows
    `together` are of one image and get vectors of one kind. An estimate counts as no farther from the truth than FAR.
    """
    kind, mix, blank = (
        torch.rand(3, len(true) // together, 1, generator=generator, device=true.device)
        .repeat(1, 1, together)
        .view(3, -1, 1)
    )
    share = torch.where(kind < TRUE, 0.0, torch.where(kind > 1 - ESTIMATED, 1.0, mix)) * trust
    mixed = (1 - share) * true + share * estimated.clamp(true - FAR, true + FAR)
    return torch.where(blank < UNKNOWN, unknown_like(true), mixed)
