"""Measures a network on a pack's held-out crops."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from sharpcli_training.data.pairs import Pairs, to_unit
from sharpcli_training.networks.activity import watched
from sharpcli_training.networks.base import RestorationNetwork, to_luma
from sharpcli_training.networks.build import forward

BATCH = 16
HALF_LEVEL = (0.5 / 255) ** 2
"""A crop that came back untouched has no error at all; half a level is as good as that."""


@torch.no_grad()
def validate(network: RestorationNetwork, pairs: Pairs, device: torch.device) -> dict[str, Any]:
    """Luma PSNR in dB over all held-out crops: of the pooled error, the mean of the crops', and the input's pooled.

    `dead` is the share of each hidden layer's channels that fire on none of them. If the pack says that its crops
    went through different things, `gains` has the gain over the input by that, each of the pooled error.
    """
    left, came = [], []
    with watched(network) as shares:
        for inputs, references in pairs.validation(BATCH):
            degraded, target = to_unit(inputs.to(device)), to_luma(to_unit(references.to(device)))
            left.append(_error(to_luma(forward(network, degraded)).clamp(0, 1), target))
            came.append(_error(to_luma(degraded), target))
        dead = shares()
    errors, before = torch.cat(left).cpu(), torch.cat(came).cpu()
    figures: dict[str, Any] = {
        "psnr": _decibels(errors),
        "mean_psnr": float(-10 * errors.clamp(min=HALF_LEVEL).log10().mean()),
        "input": _decibels(before),
        "dead": dead,
    }
    kinds = sorted(set(pairs.kinds))
    if len(kinds) > 1:
        figures["gains"] = {kind: _gain(errors, before, pairs.kinds, kind) for kind in kinds}
    return figures


def _error(pixels: Tensor, target: Tensor) -> Tensor:
    return (pixels - target).square().mean((1, 2, 3))


def _gain(errors: Tensor, before: Tensor, kinds: list[str], kind: str) -> float:
    rows = torch.tensor([one == kind for one in kinds])
    return _decibels(errors[rows].clamp(min=HALF_LEVEL)) - _decibels(before[rows].clamp(min=HALF_LEVEL))


def _decibels(errors: Tensor) -> float:
    return -10 * math.log10(max(errors.mean().item(), 1e-12))
