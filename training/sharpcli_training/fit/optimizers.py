"""The optimisers a recipe can name: one for the weight matrices, Adam for everything else."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from sharpcli.errors import SharpError
from sharpcli_training.fit.captured import scalar
from sharpcli_training.fit.muon import Muon
from sharpcli_training.fit.soap import Soap
from sharpcli_training.networks.base import RestorationNetwork
from sharpcli_training.recipe import Recipe

OPTIMIZERS = ("adam", "soap", "muon")
REFRESH = 10
"""Steps between two turns of SOAP's bases; its paper's choice."""


class Optimizers:
    """What updates a network's parameters, each of them once a step.

    `soap` (Vyas et al., 2024) and `muon` (Jordan et al., 2024) look at a layer's weight as a matrix and leave the rest
    to Adam; `muon` also leaves it the layers that see pixels or make them. Raises SharpError for an optimiser that does
    not exist.
    """

    def __init__(self, recipe: Recipe, network: RestorationNetwork) -> None:
        if recipe.optimizer not in OPTIMIZERS:
            raise SharpError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, not {recipe.optimizer!r}")
        # Some branches of some layers are empty.
        learned = {name: weight for name, weight in network.named_parameters() if weight.requires_grad}
        learned = {name: weight for name, weight in learned.items() if weight.numel()}
        matrices: dict[str, nn.Parameter] = {}
        if recipe.optimizer != "adam":
            matrices = {name: weight for name, weight in learned.items() if weight.dim() > 1}
        if recipe.optimizer == "muon":
            matrices = {name: weight for name, weight in matrices.items() if not name.startswith(network.ends)}
        others = [weight for name, weight in learned.items() if name not in matrices]
        self.soap = Soap(matrices.values()) if recipe.optimizer == "soap" else None
        self.muon = Muon(matrices.values()) if recipe.optimizer == "muon" else None
        self.adam = torch.optim.Adam(others)
        self._rate = scalar(others[0].device)
        self._share = recipe.vector_rate / recipe.peak_rate if matrices and recipe.vector_rate else 1.0

    def step(self, step: int, rate: float) -> None:
        """Update all parameters by their gradients; `step` counts from 0."""
        for group in self.adam.param_groups:
            group["lr"] = rate * self._share
        self.adam.step()
        if self.muon:
            self.muon.step(self._rate.fill_(rate))
        if self.soap:
            self.soap.step(self._rate.fill_(self.soap.corrected(rate, step)))
            if step % REFRESH == REFRESH - 1:
                self.soap.refresh()

    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs."""
        return {name: part.state_dict() for name, part in self._parts().items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where those of an equal recipe and network stopped."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])

    def _parts(self) -> dict[str, Any]:
        parts = {"adam": self.adam, "soap": self.soap, "muon": self.muon}
        return {name: part for name, part in parts.items() if part is not None}


def rate_at(recipe: Recipe, step: int) -> float:
    """The learning rate of a step: a linear climb, then a half cosine that ends at zero (Loshchilov & Hutter, 2017)."""
    climb = max(1, round(recipe.warmup * recipe.steps))
    if step < climb:
        return recipe.peak_rate * (step + 1) / climb
    return recipe.peak_rate * 0.5 * (1 + math.cos(math.pi * (step - climb) / max(1, recipe.steps - climb)))
