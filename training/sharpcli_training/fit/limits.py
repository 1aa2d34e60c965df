"""What keeps one wild batch from throwing a network away."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

SUDDEN = 8.0
"""Times its largest norm of late that a matrix's gradient may have."""
KEPT = 0.95
"""Share of that largest norm that is left a step later."""


class GradientLimit:
    """Holds the gradient of each matrix to SUDDEN times the largest of late; ordinary ones come back bit by bit.

    Optimizers bound their own steps, but a gradient a million times too large would rule their moments, and so the
    direction of all steps, for hundreds of steps. Only tensor operations, so that it can be captured.
    """

    def __init__(self, groups: Sequence[Sequence[nn.Parameter]]) -> None:
        self._counts = [len(group) for group in groups]
        device = groups[0][0].device if groups else None
        self.largest = torch.zeros(sum(self._counts), device=device)
        """Of each matrix; 0 while it has had no gradient, and the first one is taken as it is."""

    @torch.no_grad()
    def __call__(self, grads: Sequence[Tensor]) -> list[Tensor]:
        """Each group's gradients, count x outputs x rest, held to their limits; finite ones only."""
        norms = torch.cat([torch.linalg.vector_norm(grad, dim=(-2, -1)) for grad in grads])
        known = self.largest > 0
        held = torch.where(known, norms.minimum(SUDDEN * self.largest), norms)
        held = held.nan_to_num(posinf=0.0)  # squares of the first one may be too large to be summed
        factors = torch.where(held < norms, held / norms, 1.0)
        # A new network's gradients grow quickly at first.
        self.largest.copy_(torch.where(known, held.maximum(KEPT * self.largest), SUDDEN * held))
        parts = torch.split(factors.view(-1, 1, 1), self._counts)
        return [grad * factor for grad, factor in zip(grads, parts, strict=True)]


def clip_gradients(parameters: Sequence[nn.Parameter], most: float) -> None:
    """Hold the norm of all gradients together to `most`; what is not finite counts as zero, as it would spoil all."""
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad.nan_to_num_(0.0, 0.0, 0.0)
    nn.utils.clip_grad_norm_(parameters, most, foreach=True)
