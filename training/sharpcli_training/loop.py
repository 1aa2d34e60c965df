"""The training loop: one loop for teacher and student, resumable, logged, deterministic on a CPU."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from sharpcli_training.base import RestorationNetwork
from sharpcli_training.checkpoints import Run, begin, resume, save
from sharpcli_training.curves import draw_curves
from sharpcli_training.losses import check_loss, restoration_loss
from sharpcli_training.networks import forward
from sharpcli_training.optimisers import rate_at, set_rate
from sharpcli_training.pairs import Pairs, to_luma
from sharpcli_training.recipe import Recipe

SAVE_SECONDS = 120


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
    check_loss(recipe.loss)
    folder.mkdir(parents=True, exist_ok=True)
    run = resume(recipe, folder) or begin(recipe, start, pairs)
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
                entry = {"step": run.step, "loss": sum(losses) / len(losses), **validate(run.average, validation)}
                run.history.append(entry)
                losses = []
                for key in ("loss", "psnr"):
                    board.add_scalar(key, entry[key], run.step)
                left = (recipe.steps - run.step) / rate / 60
                say(
                    f"step {run.step}/{recipe.steps}  loss {entry['loss']:.5f}  validation {entry['psnr']:.3f} dB "
                    f"(input {entry['input']:.2f})  {rate:.1f} steps/s  {left:.0f} min left"
                )
            if time.monotonic() - saved > SAVE_SECONDS or run.step == recipe.steps:
                save(run, folder)
                saved = time.monotonic()
    draw_curves(run.history, folder / "curves.png")
    return run


def _update(run: Run, pairs: Pairs, device: torch.device) -> float:
    recipe = run.recipe
    # At the end, the very thing that PSNR measures, on crops whose borders matter less.
    finish = run.step >= (1 - recipe.finish_share) * recipe.steps
    patch = recipe.finish_patch if finish else recipe.patch
    size = max(1, round(recipe.batch * (recipe.patch / patch) ** 2))
    batch = pairs.batch(run.step, recipe.seed, size, patch)
    damaged, original, label = (None if part is None else part.to(device) for part in batch)
    assert damaged is not None and original is not None
    set_rate(run.optimisers, rate_at(recipe, run.step))
    # The late, small steps are finer than bfloat16 can tell apart.
    coarse = run.step < recipe.bf16_share * recipe.steps
    with torch.autocast(device.type, torch.bfloat16, enabled=coarse):
        sharpened = forward(run.network, damaged)
    loss = restoration_loss(recipe, damaged, sharpened.float(), original, label, "mse" if finish else recipe.loss)
    run.network.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    if recipe.clip:
        nn.utils.clip_grad_norm_(run.network.parameters(), recipe.clip)
    for optimiser in run.optimisers:
        optimiser.step()
    run.step += 1
    # Early on the mean forgets fast, or it would still remember the initial weights long after they are gone.
    decay = min(recipe.ema, (1 + run.step) / (10 + run.step))
    with torch.no_grad():
        for mean, value in zip(run.average.parameters(), run.network.parameters(), strict=True):
            mean.lerp_(value, 1 - decay)
    return loss.item()


@torch.no_grad()
def validate(network: RestorationNetwork, validation: list[Tensor]) -> dict[str, float]:
    """Luma PSNR in dB over the held-out crops: of the pooled error, the mean of the crops', and the input's pooled."""
    damaged, original = validation
    target = to_luma(original)
    restored = torch.cat([to_luma(forward(network, low)) for low in torch.split(damaged, 16)])
    errors = (restored.clamp(0, 1) - target).square().mean((1, 2, 3))
    untouched = (to_luma(damaged) - target).square().mean()
    return {
        "psnr": -10 * math.log10(errors.mean().item()),
        # A crop that came back untouched has no error at all; half a level is as good as that.
        "mean_psnr": float(-10 * errors.clamp(min=(0.5 / 255) ** 2).log10().mean()),
        "input": -10 * math.log10(untouched.item()),
    }
