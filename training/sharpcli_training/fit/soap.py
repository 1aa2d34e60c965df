"""SOAP (Vyas et al., 2024) in a form that can be captured in a CUDA graph, its update limited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from sharpcli_training.fit.limits import GradientLimit

TINY = 1e-12


def grouped(parameters: Iterable[nn.Parameter]) -> list[list[nn.Parameter]]:
    """Parameters of equal shape as matrices (outputs x rest), together: one kernel works on all of a group."""
    groups: dict[tuple[int, ...], list[nn.Parameter]] = {}
    for parameter in parameters:
        groups.setdefault(tuple(parameter.flatten(1).shape), []).append(parameter)
    return list(groups.values())


def gradients(groups: list[list[nn.Parameter]]) -> list[Tensor]:
    """Each group's gradients, count x outputs x rest, float32; what is not finite becomes zero."""
    found = [_rows(parameter.grad) for group in groups for parameter in group if parameter.grad is not None]
    together = torch.cat([grad.flatten() for grad in found]).float().nan_to_num(0.0, 0.0, 0.0)
    shapes = [(len(group), len(group[0]), group[0][0].numel()) for group in groups]
    parts = torch.split(together, [count * outputs * rest for count, outputs, rest in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]


def subtract(groups: list[list[nn.Parameter]], updates: Sequence[Tensor]) -> None:
    """Take each group's update, count x outputs x rest, off its parameters."""
    weights: list[Tensor] = [parameter for group in groups for parameter in group]
    parts = [part for update in updates for part in update.unbind()]
    taken: list[Tensor] = [_like(part, weight) for part, weight in zip(parts, weights, strict=True)]
    torch._foreach_sub_(weights, taken)


class Soap:
    """Adam in the eigenbasis of each matrix's gradients.

    `step` is matrix products, and what works on single numbers of all matrices at once: few kernels. `refresh`, which
    must be called every ten steps or so outside of any graph, follows the basis. After a refresh the old second moments
    do not fit the new basis and single entries can explode, so the root mean square of each matrix's update is held to
    `limit` rates. Gradients that are suddenly far larger than before are held as well.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], betas: tuple[float, float] = (0.95, 0.95), limit: float = 1.0
    ) -> None:
        self.groups = grouped(parameters)
        self.betas, self.limit = betas, limit
        self._held = GradientLimit(self.groups)
        self.moments: list[dict[str, Tensor]] = []
        """Of each group: both sides' statistics and bases, and mean and mean square in these bases."""

    def corrected(self, rate: float, step: int) -> float:
        """The rate of a step, counted from 0, with Adam's corrections for moments that began at zero."""
        first, second = self.betas
        return float(rate * (1 - second**step) ** 0.5 / (1 - first**step)) if step else 0.0

    @torch.no_grad()
    def step(self, rate: Tensor) -> None:
        """One update with a rate on the device, from `corrected`. The first call only learns the bases."""
        grads = self._held(gradients(self.groups))
        if not self.moments:
            self.moments = [self._begun(grad) for grad in grads]
            return
        first, second = self.betas
        means, squares = ([now[name] for now in self.moments] for name in ("mean", "square"))
        known = list(zip(self.moments, grads, strict=True))
        turned = [now["left_basis"].mT @ grad @ now["right_basis"] for now, grad in known]
        torch._foreach_lerp_(means, turned, 1 - first)
        torch._foreach_lerp_(squares, torch._foreach_mul(turned, turned), 1 - second)
        deviations = torch._foreach_sqrt(squares)
        torch._foreach_add_(deviations, 1e-8)
        updates = list(torch._foreach_div(means, deviations))
        # Of the limited size: the rate over the root mean square in limits, where that is above one.
        most = [self.limit * (update[0].numel()) ** 0.5 for update in updates]
        sizes = [torch.linalg.vector_norm(update, dim=(-2, -1), keepdim=True) for update in updates]
        torch._foreach_div_(sizes, most)
        torch._foreach_clamp_min_(sizes, 1.0)
        factors = torch._foreach_mul(torch._foreach_reciprocal(sizes), rate)
        for index, (now, grad) in enumerate(known):
            updates[index] = now["left_basis"] @ (updates[index] * factors[index]) @ now["right_basis"].mT
            now["left"].baddbmm_(grad, grad.mT, beta=second, alpha=1 - second)
            now["right"].baddbmm_(grad.mT, grad, beta=second, alpha=1 - second)
        subtract(self.groups, updates)

    @torch.no_grad()
    def refresh(self) -> None:
        """Turn each basis towards the eigenvectors by one power iteration, strongest first."""
        for now in self.moments:
            for side, axis in (("left", -2), ("right", -1)):
                basis = now[f"{side}_basis"]
                turned = now[side] @ basis
                order = (basis * turned).sum(-2).argsort(-1, descending=True)
                turned = turned.gather(-1, order[:, None, :].expand_as(turned))
                place = order[:, :, None] if axis == -2 else order[:, None, :]
                now["square"].copy_(now["square"].gather(axis, place.expand_as(now["square"])))
                new = torch.linalg.qr(turned)[0]
                change = new.mT @ basis
                now["mean"].copy_(change @ now["mean"] if axis == -2 else now["mean"] @ change.mT)
                basis.copy_(new)

    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs."""
        return {"moments": self.moments, "largest": self._held.largest}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another one of the same parameters stopped."""
        device = self.groups[0][0].device
        self.moments = [{name: value.to(device) for name, value in now.items()} for now in state["moments"]]
        if "largest" in state:  # checkpoints of before this was kept have none
            self._held.largest.copy_(state["largest"])

    def _begun(self, grad: Tensor) -> dict[str, Tensor]:
        share = 1 - self.betas[1]
        now = {"left": share * (grad @ grad.mT), "right": share * (grad.mT @ grad)}
        now |= {f"{side}_basis": _eigenvectors(now[side]) for side in ("left", "right")}
        return now | {"mean": torch.zeros_like(grad), "square": torch.zeros_like(grad)}


def _rows(weight: Tensor) -> Tensor:
    """A weight as outputs x rest, in the order that channels-last memory has: no copy where it lies so."""
    return weight.movedim(1, -1).flatten(1) if weight.dim() == 4 else weight.flatten(1)


def _like(rows: Tensor, weight: Tensor) -> Tensor:
    """What `_rows` made of it in the shape of the weight again."""
    if weight.dim() != 4:
        return rows.reshape(weight.shape)
    outputs, inputs, height, width = weight.shape
    return rows.view(outputs, height, width, inputs).movedim(-1, 1)


def _eigenvectors(matrices: Tensor) -> Tensor:
    """Of symmetric matrices, count x n x n, strongest first; in float64 on the CPU, once a run."""
    middle = matrices.diagonal(dim1=-2, dim2=-1).mean(-1)[:, None, None]
    raised = matrices + TINY * middle * torch.eye(matrices.shape[-1], device=matrices.device)
    vectors: Tensor = torch.linalg.eigh(raised.cpu().double())[1]
    return vectors.flip(-1).float().to(matrices.device).contiguous()
