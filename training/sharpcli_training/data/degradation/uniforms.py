"""Random numbers as a draw of degradations needs them, all taken from the generator at once."""

from __future__ import annotations

import math
from itertools import accumulate

import torch
from torch import Tensor

from sharpcli_training.data.degradation.constants import constant

ROWS = 48
"""Numbers that one degradation takes at most."""


class Uniforms:
    """Hands out tensors of shape (batch,), each independent of those before."""

    def __init__(self, batch: int, generator: torch.Generator, device: torch.device) -> None:
        self.device = device
        self._rows = iter(torch.rand(ROWS, batch, generator=generator, device=device).unbind())

    def unit(self) -> Tensor:
        """Evenly from [0, 1)."""
        return next(self._rows)

    def span(self, low: float, high: float) -> Tensor:
        """Evenly from [low, high)."""
        return low + (high - low) * self.unit()

    def log_span(self, low: float, high: float) -> Tensor:
        """From [low, high), evenly in the logarithm."""
        return low * torch.exp(self.unit() * math.log(high / low))

    def chance(self, share: float) -> Tensor:
        """True for that share."""
        return self.unit() < share

    def pick(self, *shares: float) -> Tensor:
        """Indices, each as often as its share says; the shares sum to one."""
        return torch.bucketize(self.unit(), constant(tuple(accumulate(shares[:-1])), self.device))
