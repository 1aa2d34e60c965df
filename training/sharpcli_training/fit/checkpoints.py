"""A run as it stands, and its checkpoint on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.fit.optimizers import build_optimizers
from sharpcli_training.networks.base import RestorationNetwork, to_luma
from sharpcli_training.networks.build import build
from sharpcli_training.networks.student import Student
from sharpcli_training.recipe import Recipe


@dataclass
class Run:
    """A training run: its networks, optimisers and history, as they stand at `step`."""

    recipe: Recipe
    network: RestorationNetwork
    average: RestorationNetwork
    optimizers: list[torch.optim.Optimizer]
    step: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    """Of each step since the last entry of `history`."""


def begin(
    recipe: Recipe, start: Callable[[RestorationNetwork], None] | None, pairs: Pairs, device: torch.device
) -> Run:
    """A run before its first step; `start` initialises the network."""
    run = _blank(recipe, device)
    if start is not None:
        start(run.network)
    if isinstance(run.network, Student) and recipe.quantize:
        run.network.calibrate(to_luma(pairs.batch(0, recipe.seed, 64, recipe.patch)[0].to(device)))
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
    run = _blank(recipe, device)
    run.network.load_state_dict(state["network"])
    run.average.load_state_dict(state["average"])
    for optimizer, saved in zip(run.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    run.step, run.seconds, run.history = state["step"], state["seconds"], state["history"]
    # Checkpoints of before there were several processes lack it.
    run.losses = state.get("losses", [])
    return run


def save(run: Run, folder: Path) -> None:
    """Write the run's checkpoint, whole or not at all."""
    state = {name: getattr(run, name).state_dict() for name in ("network", "average")}
    state["optimizers"] = [optimizer.state_dict() for optimizer in run.optimizers]
    state |= {name: getattr(run, name) for name in ("step", "seconds", "history", "losses")}
    state["recipe"] = asdict(run.recipe)
    with whole_file(folder / "checkpoint.pt") as file:
        torch.save(state, file)


def _blank(recipe: Recipe, device: torch.device) -> Run:
    torch.manual_seed(recipe.seed)
    network, average = build(recipe), build(recipe)
    # Before there are optimisers: what they remember is loaded to where the parameters are.
    for module in (network, average):
        module.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Run(recipe, network, average, build_optimizers(recipe, network))


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
