"""The training loop: one loop for teacher and student, resumable, logged, deterministic on a CPU."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from sharpcli.errors import SharpError
from sharpcli_training.base import RestorationNetwork
from sharpcli_training.curves import draw_curves
from sharpcli_training.networks import build, forward
from sharpcli_training.pairs import Pairs, to_luma
from sharpcli_training.recipe import Recipe

SAVE_SECONDS = 120


@dataclass
class Run:
    """A training run: its networks, optimiser and history, as they stand at `step`."""

    recipe: Recipe
    network: RestorationNetwork
    average: RestorationNetwork
    optimiser: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)


def train(
    recipe: Recipe,
    pairs: Pairs,
    folder: Path,
    say: Callable[[str], None],
    start: Callable[[RestorationNetwork], None] | None = None,
    lineage: Mapping[str, str] | None = None,
) -> Run:
    """Train by `recipe` on `pairs`, continuing from the checkpoint in `folder` if there is one.

    `start` initialises a new network (an ImageNet encoder, another run's weights); `lineage` says by name what it and
    the labels came from, for the record. `say` receives the progress lines.
    Raises SharpError when the folder holds a run of another recipe, or for a loss that does not exist.
    """
    if recipe.loss not in LOSSES:
        raise SharpError(f"loss must be one of {', '.join(LOSSES)}, not {recipe.loss!r}")
    folder.mkdir(parents=True, exist_ok=True)
    run = _resume(recipe, folder) or _begin(recipe, start)
    if run.step:
        say(f"resuming at step {run.step} of {recipe.steps}")
    (folder / "run.json").write_text(
        json.dumps({"recipe": asdict(recipe), "lineage": dict(lineage or {}), "pack": pairs.card}, indent=2) + "\n"
    )
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    for module in (run.network, run.average):
        module.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    validation = [tensor.to(device) for tensor in pairs.validation()]
    first, since, saved, losses = run.step, time.monotonic(), time.monotonic(), []
    before = run.seconds
    with SummaryWriter(str(folder / "tensorboard"), purge_step=run.step) as board:
        while run.step < recipe.steps:
            losses.append(_update(run, pairs, device))
            run.seconds = before + time.monotonic() - since
            if run.step % recipe.validate_every == 0 or run.step == recipe.steps:
                rate = (run.step - first) / (time.monotonic() - since)
                entry = {"step": run.step, "loss": sum(losses) / len(losses), **_validate(run, validation)}
                run.history.append(entry)
                losses = []
                for key in ("loss", "psnr"):
                    board.add_scalar(key, entry[key], run.step)
                left = (recipe.steps - run.step) / rate / 60
                say(
                    f"step {run.step}/{recipe.steps}  loss {entry['loss']:.5f}  validation {entry['psnr']:.2f} dB "
                    f"(input {entry['input']:.2f})  {rate:.1f} steps/s  {left:.0f} min left"
                )
            if time.monotonic() - saved > SAVE_SECONDS or run.step == recipe.steps:
                _save(run, folder)
                saved = time.monotonic()
    draw_curves(run.history, folder / "curves.png")
    return run


def rate_at(recipe: Recipe, step: int) -> float:
    """The learning rate of a step: a linear climb, then a half cosine that ends at zero (Loshchilov & Hutter, 2017)."""
    climb = max(1, round(recipe.warmup * recipe.steps))
    if step < climb:
        return recipe.peak_rate * (step + 1) / climb
    return recipe.peak_rate * 0.5 * (1 + math.cos(math.pi * (step - climb) / max(1, recipe.steps - climb)))


def _update(run: Run, pairs: Pairs, device: torch.device) -> float:
    recipe = run.recipe
    batch = pairs.batch(run.step, recipe.seed, recipe.batch, recipe.patch)
    damaged, original, label = (None if part is None else part.to(device) for part in batch)
    assert damaged is not None and original is not None
    for group in run.optimiser.param_groups:
        group["lr"] = rate_at(recipe, run.step)
    # The late, small steps are finer than bfloat16 can tell apart.
    coarse = run.step < recipe.bf16_share * recipe.steps
    with torch.autocast(device.type, torch.bfloat16, enabled=coarse):
        sharpened = forward(run.network, damaged)
    loss = _loss(recipe, sharpened.float(), original if sharpened.shape[1] == 3 else to_luma(original), label)
    run.optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    if recipe.clip:
        nn.utils.clip_grad_norm_(run.network.parameters(), recipe.clip)
    run.optimiser.step()
    run.step += 1
    # Early on the mean forgets fast, or it would still remember the initial weights long after they are gone.
    decay = min(recipe.ema, (1 + run.step) / (10 + run.step))
    with torch.no_grad():
        for mean, value in zip(run.average.parameters(), run.network.parameters(), strict=True):
            mean.lerp_(value, 1 - decay)
    return loss.item()


def _loss(recipe: Recipe, sharpened: Tensor, original: Tensor, label: Tensor | None) -> Tensor:
    """Distance to the original, to the teacher's prediction, or to both by `teacher_share`."""
    distance = LOSSES[recipe.loss]
    # In 8-bit levels: squared errors of [0, 1] values are so small that they would meet Adam's epsilon.
    sharpened, original = 255 * sharpened, 255 * original
    share = recipe.teacher_share if label is not None else 0.0
    loss = (1 - share) * distance(sharpened, original)
    return loss if label is None else loss + share * distance(sharpened, 255 * label)


def _log_mse(sharpened: Tensor, original: Tensor) -> Tensor:
    """The mean PSNR over crops but for sign and scale; the 1 keeps a crop that came back untouched from ruling all."""
    return ((sharpened - original).square().mean((1, 2, 3)) + 1).log().mean()


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": nn.functional.mse_loss,
    "l1": nn.functional.l1_loss,
    "log_mse": _log_mse,
}


@torch.no_grad()
def _validate(run: Run, validation: list[Tensor]) -> dict[str, float]:
    """PSNR in dB of the pooled luma error over the held-out crops, and that of the untouched input."""
    damaged, original = validation
    target = to_luma(original)
    results = []
    for low in torch.split(damaged, 16):
        out = forward(run.average, low)
        results.append(to_luma(out) if out.shape[1] == 3 else out)
    error = (torch.cat(results).clamp(0, 1) - target).square().mean()
    untouched = (to_luma(damaged) - target).square().mean()
    return {"psnr": -10 * math.log10(error.item()), "input": -10 * math.log10(untouched.item())}


def _begin(recipe: Recipe, start: Callable[[RestorationNetwork], None] | None) -> Run:
    torch.manual_seed(recipe.seed)
    network = build(recipe)
    if start is not None:
        start(network)
    average = build(recipe)
    average.load_state_dict(network.state_dict())
    return Run(recipe, network, average, torch.optim.Adam(network.parameters(), lr=recipe.peak_rate))


def _resume(recipe: Recipe, folder: Path) -> Run | None:
    path = folder / "checkpoint.pt"
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, weights_only=True)
    if state["recipe"] != asdict(recipe):
        raise SharpError(f"{folder} holds a run of another recipe; choose another folder, or delete this one")
    run = _begin(recipe, None)
    run.network.load_state_dict(state["network"])
    run.average.load_state_dict(state["average"])
    run.optimiser.load_state_dict(state["optimiser"])
    run.step, run.seconds, run.history = state["step"], state["seconds"], state["history"]
    return run


def _save(run: Run, folder: Path) -> None:
    state = {name: getattr(run, name).state_dict() for name in ("network", "average", "optimiser")}
    state |= {"recipe": asdict(run.recipe), "step": run.step, "seconds": run.seconds, "history": run.history}
    part = folder / "checkpoint.part"
    torch.save(state, part)
    part.replace(folder / "checkpoint.pt")
