"""The optimisers a recipe can name: one for the weight matrices, Adam for what is not a matrix."""

from __future__ import annotations

import math
from typing import Any

import torch
from pytorch_optimizer import SOAP, Muon
from torch import nn

from sharpcli.errors import SharpError
from sharpcli_training.recipe import Recipe

OPTIMIZERS = ("adam", "soap", "muon")


def build_optimizers(recipe: Recipe, network: nn.Module) -> list[torch.optim.Optimizer]:
    """The optimisers that share a network's parameters; each group's `share` is its part of the recipe's rate.

    `soap` (Vyas et al., 2024) and `muon` (Jordan et al., 2024) look at a layer's weight as a matrix. Raises SharpError
    for an optimiser that does not exist.
    """
    learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
    if recipe.optimizer == "adam":
        return [_shared(torch.optim.Adam(learned, lr=recipe.peak_rate), 1.0)]
    matrices = [parameter for parameter in learned if parameter.dim() > 1]
    others = [parameter for parameter in learned if parameter.dim() <= 1]
    if recipe.optimizer == "soap":
        first: Any = SOAP(matrices, lr=recipe.peak_rate, weight_decay=0.0)
    elif recipe.optimizer == "muon":
        first = Muon([{"params": matrices, "use_muon": True}], lr=recipe.peak_rate)
    else:
        raise SharpError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, not {recipe.optimizer!r}")
    share = recipe.vector_rate / recipe.peak_rate if recipe.vector_rate else 1.0
    return [_shared(first, 1.0), _shared(torch.optim.Adam(others, lr=recipe.peak_rate * share), share)]


def rate_at(recipe: Recipe, step: int) -> float:
    """The learning rate of a step: a linear climb, then a half cosine that ends at zero (Loshchilov & Hutter, 2017)."""
    climb = max(1, round(recipe.warmup * recipe.steps))
    if step < climb:
        return recipe.peak_rate * (step + 1) / climb
    return recipe.peak_rate * 0.5 * (1 + math.cos(math.pi * (step - climb) / max(1, recipe.steps - climb)))


def set_rate(optimizers: list[torch.optim.Optimizer], rate: float) -> None:
    """Give every group its share of the rate."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate * group["share"]


def _shared(optimizer: torch.optim.Optimizer, share: float) -> torch.optim.Optimizer:
    for group in optimizer.param_groups:
        group["share"] = share
    return optimizer
