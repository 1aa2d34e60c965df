"""SOAP (Vyas et al., 2024) in a form that can be captured in a CUDA graph, its update limited."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

TINY = 1e-12


def grouped(parameters: Iterable[nn.Parameter]) -> list[list[nn.Parameter]]:
    """Parameters of equal shape as matrices (outputs x rest), together: one kernel works on all of a group."""
    groups: dict[tuple[int, ...], list[nn.Parameter]] = {}
    for parameter in parameters:
        groups.setdefault(tuple(parameter.flatten(1).shape), []).append(parameter)
    return list(groups.values())


def gradients(group: list[nn.Parameter]) -> Tensor:
    """The group's gradients, count x outputs x rest, float32; what is not a number becomes zero."""
    found = [parameter.grad for parameter in group]
    return torch.nan_to_num(torch.stack([grad.flatten(1) for grad in found if grad is not None]).float())


def subtract(group: list[nn.Parameter], update: Tensor) -> None:
    """Take the update, count x outputs x rest, off the group's parameters."""
    parts = [part.reshape(parameter.shape) for parameter, part in zip(group, update.unbind(), strict=True)]
    torch._foreach_sub_(list(group), parts)


class Soap:
    """Adam in the eigenbasis of each matrix's gradients.

    `step` is matrix products only. `refresh`, which must be called every ten steps or so outside of any graph, follows
    the basis. After a refresh the old second moments do not fit the new basis and single entries can explode, so the
    root mean square of each matrix's update is held to `limit` rates.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], betas: tuple[float, float] = (0.95, 0.95), limit: float = 1.0
    ) -> None:
        self.groups = grouped(parameters)
        self.betas, self.limit = betas, limit
        self.moments: list[dict[str, Tensor]] = []

    def corrected(self, rate: float, step: int) -> float:
        """The rate of a step, counted from 0, with Adam's corrections for moments that began at zero."""
        first, second = self.betas
        return float(rate * (1 - second**step) ** 0.5 / (1 - first**step)) if step else 0.0

    @torch.no_grad()
    def step(self, rate: Tensor) -> None:
        """One update with a rate on the device, from `corrected`. The first call only learns the bases."""
        if not self.moments:
            self.moments = [self._begun(gradients(group)) for group in self.groups]
            return
        first, second = self.betas
        for group, now in zip(self.groups, self.moments, strict=True):
            grad = gradients(group)
            left, right = now["left_basis"], now["right_basis"]
            now["mean"].lerp_(grad, 1 - first)
            now["square"].lerp_((left.mT @ grad @ right).square(), 1 - second)
            update = (left.mT @ now["mean"] @ right) / (now["square"].sqrt() + 1e-8)
            size = update.square().mean((-2, -1), keepdim=True).sqrt()
            update = update / (size / self.limit).clamp(min=1)
            subtract(group, (left @ update @ right.mT) * rate)
            now["left"].lerp_(grad @ grad.mT, 1 - second)
            now["right"].lerp_(grad.mT @ grad, 1 - second)

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
                basis.copy_(torch.linalg.qr(turned)[0])

    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs."""
        return {"moments": self.moments}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another one of the same parameters stopped."""
        device = self.groups[0][0].device
        self.moments = [{name: value.to(device) for name, value in now.items()} for now in state["moments"]]

    def _begun(self, grad: Tensor) -> dict[str, Tensor]:
        share = 1 - self.betas[1]
        now = {"left": share * (grad @ grad.mT), "right": share * (grad.mT @ grad)}
        now |= {f"{side}_basis": _eigenvectors(now[side]) for side in ("left", "right")}
        return now | {"mean": torch.zeros_like(grad), "square": torch.zeros_like(grad)}


def _eigenvectors(matrices: Tensor) -> Tensor:
    """Of symmetric matrices, count x n x n, strongest first; in float64 on the CPU, once a run."""
    middle = matrices.diagonal(dim1=-2, dim2=-1).mean(-1)[:, None, None]
    raised = matrices + TINY * middle * torch.eye(matrices.shape[-1], device=matrices.device)
    vectors: Tensor = torch.linalg.eigh(raised.cpu().double())[1]
    return vectors.flip(-1).float().to(matrices.device).contiguous()
