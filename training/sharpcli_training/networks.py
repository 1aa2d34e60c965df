"""Builds, runs and loads the networks by their recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sharpcli.errors import SharpError
from sharpcli_training.base import RestorationNetwork
from sharpcli_training.pairs import to_luma
from sharpcli_training.recipe import Recipe
from sharpcli_training.student import Student
from sharpcli_training.teacher import Teacher

KINDS: dict[str, type[Student] | type[Teacher]] = {"student": Student, "teacher": Teacher}


def build(recipe: Recipe) -> RestorationNetwork:
    """A new network by its recipe; raises SharpError for an unknown kind."""
    if recipe.network not in KINDS:
        raise SharpError(f"network must be one of {', '.join(KINDS)}, not {recipe.network!r}")
    return KINDS[recipe.network](recipe.channels, recipe.layers)


def forward(network: RestorationNetwork, rgb: Tensor) -> Tensor:
    """Run a network on RGB crops, N x 3 x H x W; a student sees and returns their luma only."""
    pixels = to_luma(rgb) if network.colour == "luma" else rgb
    out: Tensor = network(pixels.contiguous(memory_format=torch.channels_last))
    return out


def load_run(folder: Path) -> tuple[Recipe, RestorationNetwork, dict[str, Any]]:
    """Recipe, averaged network in evaluation mode, and whole state of the last checkpoint in `folder`."""
    path = folder / "checkpoint.pt"
    if not path.is_file():
        raise SharpError(f"{folder} holds no checkpoint; train there first")
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    recipe = Recipe(**state["recipe"])
    network = build(recipe)
    network.load_state_dict(state["average"])
    return recipe, network.eval(), state
