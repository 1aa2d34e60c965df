"""Muon (Jordan et al., 2024) in a form that can be captured in a CUDA graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from sharpcli_training.fit.limits import GradientLimit
from sharpcli_training.fit.soap import gradients, grouped, subtract

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the quintic that drives singular values towards one fast, and does not settle."""
ITERATIONS = 5


class Muon:
    """Steps of equal size in all directions of a matrix: momentum, made semi-orthogonal."""

    def __init__(self, parameters: Iterable[nn.Parameter], beta: float = 0.95) -> None:
        self.groups, self.beta = grouped(parameters), beta
        self.momenta = [torch.zeros(len(g), *g[0].flatten(1).shape, device=g[0].device) for g in self.groups]
        self._held = GradientLimit(self.groups)

    @torch.no_grad()
    def step(self, rate: Tensor) -> None:
        """One update with a rate on the device."""
        updates = []
        for grad, momentum in zip(self._held(gradients(self.groups)), self.momenta, strict=True):
            momentum.mul_(self.beta).add_(grad)
            update = orthogonalized(grad + self.beta * momentum)
            updates.append(update * (rate * max(1, update.shape[-2] / update.shape[-1]) ** 0.5))
        subtract(self.groups, updates)

    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs."""
        return {"momenta": self.momenta, "largest": self._held.largest}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another one of the same parameters stopped."""
        for mine, theirs in zip(self.momenta, state["momenta"], strict=True):
            mine.copy_(theirs)
        if "largest" in state:  # checkpoints of before this was kept have none
            self._held.largest.copy_(state["largest"])


def orthogonalized(matrices: Tensor) -> Tensor:
    """Roughly the nearest semi-orthogonal matrices, count x rows x columns, by Newton-Schulz in bfloat16."""
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = (matrices.mT if tall else matrices).bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(ITERATIONS):
        square = x @ x.mT
        x = a * x + (b * square + c * (square @ square)) @ x
    turned: Tensor = x.mT if tall else x
    return turned.float()
