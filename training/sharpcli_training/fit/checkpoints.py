"""A run as it stands, and its checkpoint on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.fit.optimizers import Optimizers
from sharpcli_training.networks.base import RestorationNetwork, to_luma
from sharpcli_training.networks.build import build
from sharpcli_training.networks.student import Student
from sharpcli_training.recipe import Recipe

PLAIN = ("step", "seconds", "history", "counted")
"""What a checkpoint keeps of a run as it is."""


@dataclass
class Run:
    """A training run: its networks, optimisers and history, as they stand at `step`."""

    recipe: Recipe
    network: RestorationNetwork
    average: RestorationNetwork
    optimizers: Optimizers
    loss: Tensor
    """Sum of the losses since the last entry of `history`, on the device: reading it means waiting for the device."""
    counted: int = 0
    """Steps in that sum."""
    step: int = 0
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)


def begin(
    recipe: Recipe, start: Callable[[RestorationNetwork], None] | None, pairs: Pairs, device: torch.device
) -> Run:
    """A run before its first step; `start` initialises the network."""
    run = _blank(recipe, device)
    if start is not None:
        start(run.network)
    if isinstance(run.network, Student) and recipe.quantize:
        run.network.calibrate(to_luma(pairs.batch(0, recipe.seed, 64, recipe.patch, slice(None), device)[0]))
    run.average.load_state_dict(run.network.state_dict())
    return run


def resume(recipe: Recipe, folder: Path, device: torch.device) -> Run | None:
    """The run of the checkpoint in `folder`, None without one; raises SharpError when it is of another recipe."""
    path = folder / "checkpoint.pt"
    if not path.is_file():
        return None
    # A recipe's TOML file decides the run; nothing is unpickled but tensors and plain values.
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    if Recipe(**state["recipe"]) != recipe:
        raise SharpError(f"{folder} holds a run of another recipe; choose another folder, or delete this one")
    if "counted" not in state:
        raise SharpError(
            f"{folder} holds a run of another version; choose another folder, and start with --init {folder}"
        )
    run = _blank(recipe, device)
    for name in ("network", "average", "optimizers"):
        getattr(run, name).load_state_dict(state[name])
    run.loss.copy_(state["loss"])
    run.step, run.seconds, run.history, run.counted = (state[name] for name in PLAIN)
    return run


def save(run: Run, folder: Path) -> None:
    """Write the run's checkpoint, whole or not at all."""
    state = {name: getattr(run, name).state_dict() for name in ("network", "average", "optimizers")}
    state |= {name: getattr(run, name) for name in (*PLAIN, "loss")}
    state["recipe"] = asdict(run.recipe)
    with whole_file(folder / "checkpoint.pt") as file:
        torch.save(state, file)


def _blank(recipe: Recipe, device: torch.device) -> Run:
    torch.manual_seed(recipe.seed)
    network, average = build(recipe), build(recipe)
    # Before there are optimisers: what they remember is loaded to where the parameters are.
    for module in (network, average):
        module.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Run(recipe, network, average, Optimizers(recipe, network), torch.zeros((), device=device).double())


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
