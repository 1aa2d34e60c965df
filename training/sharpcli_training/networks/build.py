"""Builds and runs the networks by their recipe."""

from __future__ import annotations

import torch
from torch import Tensor

from sharpcli.errors import SharpError
from sharpcli_training.networks.base import RestorationNetwork, to_luma
from sharpcli_training.networks.blocks import BLOCKS
from sharpcli_training.networks.student import Student
from sharpcli_training.networks.teacher import Teacher
from sharpcli_training.recipe import Recipe

KINDS = ("student", "teacher")


def build(recipe: Recipe) -> RestorationNetwork:
    """A new network by its recipe; raises SharpError for an unknown kind."""
    if recipe.network not in KINDS:
        raise SharpError(f"network must be one of {', '.join(KINDS)}, not {recipe.network!r}")
    if recipe.blocks not in BLOCKS:
        raise SharpError(f"blocks must be one of {', '.join(BLOCKS)}, not {recipe.blocks!r}")
    if recipe.network == "student":
        return Student(recipe.channels, recipe.layers, recipe.blocks, recipe.quantize)
    return Teacher(recipe.channels, recipe.layers)


def as_input(network: RestorationNetwork, pixels: Tensor) -> Tensor:
    """Crops as the network takes them, N x C x H x W; a student sees their luma only."""
    pixels = to_luma(pixels) if network.color == "luma" else pixels
    return pixels.contiguous(memory_format=torch.channels_last)


def forward(network: RestorationNetwork, pixels: Tensor) -> Tensor:
    """Run a network on crops, N x C x H x W; a student returns their luma only."""
    out: Tensor = network(as_input(network, pixels))
    return out


def start_from(network: RestorationNetwork, trained: RestorationNetwork) -> None:
    """Give `network` the trained weights; a student's branches come folded, and rounding steps are left for later.

    Raises SharpError when the two are not of one shape.
    """
    source = trained.fold() if isinstance(trained, Student) else trained
    try:
        missing, unexpected = network.load_state_dict(source.state_dict(), strict=False)
    except RuntimeError as error:
        raise SharpError("the run to start from has layers of another shape") from error
    wrong = [key for key in (*missing, *unexpected) if not key.startswith("rounding.")]
    if wrong:
        raise SharpError(f"the run to start from does not fit: {wrong[0]} is in one network and not in the other")
