"""The JSON card of a conditioned network or of the estimator."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from sharpcli_training.export.onnx_parts import LICENCE
from sharpcli_training.networks import cost
from sharpcli_training.networks.base import RestorationNetwork
from sharpcli_training.networks.conditioned import ConditionedStudent
from sharpcli_training.networks.conditioned_teacher import ConditionedTeacher
from sharpcli_training.networks.estimator import PATCH, Estimator
from sharpcli_training.networks.vector import LENGTH

NARROW = 16
"""Channels that are enough to see how far a network sees. With fewer, oneDNN's gradient of a 1x1 convolution with
stride 2 writes beyond its memory (torch 2.14)."""


class Unconditioned(RestorationNetwork):
    """A conditioned network with an empty vector, to measure it like any other."""

    def __init__(self, network: nn.Module, color: str, tile_multiple: int) -> None:
        super().__init__()
        self.network, self.color, self.tile_multiple = network, color, tile_multiple

    def forward(self, pixels: Tensor) -> Tensor:
        """The restored pixels."""
        out: Tensor = self.network(pixels, torch.zeros(len(pixels), LENGTH, device=pixels.device))
        return out


def card_of(network: nn.Module, file: dict[str, Any], state: dict[str, Any], name: str) -> dict[str, Any]:
    """The card of an exported network; `file` says what is known of its file, `name` is a student's in the plan."""
    gains = state["gains"].get(name or state["plan"]["name"], {})
    training = {
        "steps_done": state["facts"]["steps"],
        "minutes": round(state["facts"]["seconds"] / 60, 1),
        "device": state["facts"]["device"],
        "recipe": state["plan"],
        "pack": _pack(state["pack"], file["name"]),
        "validation_gain": {mode: gains[mode] for mode in ("told", "auto") if gains},
        "dead_channels": gains.get("dead", []),
    }
    if state["facts"]["broken"]:
        training["broken"] = state["facts"]["broken"]
    figures = {"parameters": sum(values.numel() for values in network.parameters()), **_figures(network)}
    rest = {"training": training, "licence": LICENCE, "scores": {}}
    if isinstance(network, Estimator):
        del training["validation_gain"], training["dead_channels"]
        return {**file, **figures, "patch": PATCH, **rest}
    return {**file, **figures, "conditioned": LENGTH, **rest}


def _pack(card: dict[str, Any], name: str) -> dict[str, Any]:
    """What a pack's card says, by the names that all cards of weights have for it."""
    rest = {key: value for key, value in card.items() if key not in ("train", "val", "sets")}
    profile = name.removesuffix("-int8").rpartition("-")[2]
    return {"profile": profile, "images": card["train"], "held_out": card["val"], **rest, "folders": card["sets"]}


def _figures(network: nn.Module) -> dict[str, Any]:
    """What a network costs and how far it sees, as far as that can be said of it."""
    if isinstance(network, ConditionedStudent):
        plain = ConditionedStudent(network.channels, network.layers, network.hidden)
        narrow: nn.Module = ConditionedStudent(NARROW, network.layers, 1)
        return _measured(plain, narrow, "luma", 2)
    if isinstance(network, ConditionedTeacher):
        narrow = ConditionedTeacher(NARROW, network.blocks, 1, (NARROW, NARROW, NARROW))
        return _measured(network, narrow, "rgb", 8)
    return {"color": "luma"}


def _measured(network: nn.Module, narrow: nn.Module, color: str, tile_multiple: int) -> dict[str, Any]:
    return {
        "color": color,
        "tile_multiple": tile_multiple,
        "kmac_per_pixel": round(cost.kmac_per_pixel(Unconditioned(network, color, tile_multiple)), 2),
        "receptive_radius": cost.receptive_radius(Unconditioned(narrow, color, tile_multiple)),
    }
