"""A conditioned student on its way, with what optimizes it."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor

from sharpcli_training.fit.captured import adam, follow, load_adam, scalar
from sharpcli_training.fit.conditioned.steady import steady
from sharpcli_training.fit.limits import clip_gradients
from sharpcli_training.fit.soap import Soap
from sharpcli_training.networks.conditioned import ConditionedStudent

BORDER = 6
"""Pixels of a crop's border that the loss leaves out: a network sees less there than it will later."""


class Pupil:
    """A student on its way."""

    def __init__(self, name: str, network: ConditionedStudent, device: torch.device, pairs: bool = False) -> None:
        """`pairs` for batches two and two of whose crops follow one another."""
        self.name, self.pairs = name, pairs
        self.network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(network)
        self.weights, self.means = list(network.parameters()), list(self.average.parameters())
        matrices = [parameter for name, parameter in network.named_parameters() if _is_matrix(name)]
        self.others = [parameter for name, parameter in network.named_parameters() if not _is_matrix(name)]
        self.soap, self.adam = Soap(matrices), adam(self.others)
        self.loss = scalar(device)

    def update(self, batch: tuple[Tensor, Tensor, Tensor], rate: Tensor, share: Tensor, coarse: bool) -> None:
        """One step on (degraded, reference, vectors)."""
        degraded, reference, vectors = batch
        with torch.autocast(degraded.device.type, torch.bfloat16, enabled=coarse, cache_enabled=False):
            restored = self.network(degraded, vectors)
        if self.pairs:
            inner = (255 * image[..., BORDER:-BORDER, BORDER:-BORDER] for image in (restored, reference, degraded))
            loss = steady(*inner)
        else:
            loss = root_mean_square(restored, reference, BORDER).mean()
        for weight in self.weights:
            weight.grad = None
        loss.backward()  # type: ignore[no-untyped-call]
        self.loss += loss.detach()
        self.soap.step(rate)
        clip_gradients(self.others, 20.0)
        self.adam.step()
        follow(self.means, self.weights, share)

    def state_dict(self) -> dict[str, Any]:
        """Weights, their mean, and the optimizers' memory."""
        parts = ("network", "average", "soap", "adam")
        return {part: getattr(self, part).state_dict() for part in parts}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where that one stopped."""
        for part in ("network", "average", "soap"):
            getattr(self, part).load_state_dict(state[part])
        load_adam(self.adam, state["adam"])


def root_mean_square(restored: Tensor, reference: Tensor, border: int) -> Tensor:
    """Of each crop's error in levels, N; half a level is added in the square, or sharp crops would rule the batch."""
    error = (restored - reference)[..., border:-border, border:-border]
    return (255**2 * error.square().mean((1, 2, 3)) + 0.5).sqrt()


def _is_matrix(name: str) -> bool:
    """Whether a student's parameter is a convolution's weight, which SOAP takes as a matrix; Adam has the rest."""
    return name.startswith("convs.") and name.endswith(".weight")
