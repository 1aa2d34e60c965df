"""The training loop: one loop for teacher and student, resumable, logged, deterministic on a CPU."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path

import torch
from torch import nn

from sharpcli.errors import SharpError
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.fit.checkpoints import Run, begin, resume, save
from sharpcli_training.fit.engine import Engine
from sharpcli_training.fit.losses import check_loss, restoration_loss
from sharpcli_training.fit.optimizers import rate_at
from sharpcli_training.fit.record import Record
from sharpcli_training.fit.validation import validate
from sharpcli_training.networks.activity import dead_layers
from sharpcli_training.networks.base import RestorationNetwork
from sharpcli_training.networks.build import as_input
from sharpcli_training.networks.quantize import exact_products
from sharpcli_training.recipe import Recipe

ENOUGH = 2**19
"""Pixels of a step that keep a GPU busy: 32 crops of 128 x 128, as published recipes have."""
GLANCE = 64
"""Held-out crops that tell whether a layer has died."""


def train(
    recipe: Recipe,
    pairs: Pairs,
    folder: Path,
    say: Callable[[str], None],
    start: Callable[[RestorationNetwork], None] | None = None,
    lineage: Mapping[str, str] | None = None,
    save_every: float = 120,
    engine: Engine | None = None,
) -> Run:
    """Train by `recipe` on `pairs`, continuing from the checkpoint in `folder` if there is one.

    `start` initialises a new network (an ImageNet encoder, other weights); `lineage` says by name what it and the
    labels came from, for the record. `say` receives the progress lines. A checkpoint is written every `save_every`
    seconds. Several processes that torchrun started train one network together, each by its own `engine`.
    Raises SharpError when the folder holds a run of another recipe, for a loss that does not exist, labels that are
    missing, a batch that is too small for the processes, and when a layer has died.
    """
    engine = engine or Engine()
    check_loss(recipe, pairs.labels is not None)
    _check_batches(recipe, engine.count)
    folder.mkdir(parents=True, exist_ok=True)
    run = resume(recipe, folder, engine.device) or begin(recipe, start, pairs, engine.device)
    if not engine.agree(run.step):
        raise SharpError(f"{folder} is at another step on another machine; put it where all machines see the same")
    if engine.main and (advice := advice_on_batch(recipe, engine.device.type, engine.count)):
        say(advice)
    network = engine.share(run.network)
    first, before, since, saved = run.step, run.seconds, time.monotonic(), time.monotonic()
    # All processes go through all steps alike; only the main one keeps a record.
    record = Record(folder, run, say, lineage or {}, pairs.card) if engine.main else None
    with record or nullcontext(), exact_products(recipe.quantize):
        while run.step < recipe.steps:
            _update(run, network, pairs, engine)
            last = run.step == recipe.steps
            if run.step % recipe.validate_every == 0 or last:
                loss = float(run.loss) / run.counted
                run.history.append({"step": run.step, "loss": loss, **validate(run.average, pairs, engine.device)})
                run.loss.zero_()
                run.counted = 0
                if record:
                    record.note((run.step - first) / (time.monotonic() - since))
                _check_alive(run, pairs, engine.device)
            run.seconds = before + time.monotonic() - since
            if record and (last or time.monotonic() - saved > save_every):
                save(run, folder)
                saved = time.monotonic()
    return run


def _check_batches(recipe: Recipe, processes: int) -> None:
    patches = (recipe.patch, recipe.finish_patch if recipe.finish_share else recipe.patch)
    smallest = min(recipe.batch_of(patch) for patch in patches)
    if smallest < processes:
        fits = math.ceil(processes * max(1, (patches[1] / recipe.patch) ** 2))
        raise SharpError(f"{processes} processes cannot share a batch of {smallest}; --set batch={fits} would do")


def advice_on_batch(recipe: Recipe, device: str, processes: int) -> str:
    """What to say before a run whose steps leave a GPU idle; empty on a CPU, and when they do not.

    `device` is its type, `cpu` or `cuda`.
    """
    pixels = recipe.batch * recipe.patch**2
    if device == "cpu" or pixels >= ENOUGH * processes:
        return ""
    fits = ENOUGH * processes // recipe.patch**2
    return (
        f"{pixels // processes // 1000} thousand pixels a step leave a GPU idle; with --set batch={fits} it has half a "
        "million, and fewer steps will do"
    )


def _check_alive(run: Run, pairs: Pairs, device: torch.device) -> None:
    # Of the weights as they are: their mean still remembers what was alive a thousand steps ago.
    dead = dead_layers(run.network, as_input(run.network, pairs.glance(GLANCE).to(device)))
    if dead:
        raise SharpError(
            f"layer {dead[0]} is dead at step {run.step}: none of its channels fires on any held-out crop, so nothing "
            f"before it learns any more. Start again with a peak_rate below {run.recipe.peak_rate:g}, with --set "
            "clip=50, or from trained weights (--init)"
        )


def _update(run: Run, network: nn.Module, pairs: Pairs, engine: Engine) -> None:
    recipe = run.recipe
    # At the end, the very thing that PSNR measures, on crops whose borders matter less.
    finish = run.step >= (1 - recipe.finish_share) * recipe.steps
    patch = recipe.finish_patch if finish else recipe.patch
    size = recipe.batch_of(patch)
    degraded, reference, label = pairs.batch(run.step, recipe.seed, size, patch, engine.part(size), engine.device)
    # The late, small steps are finer than bfloat16 can tell apart.
    coarse = run.step < recipe.bf16_share * recipe.steps
    with torch.autocast(engine.device.type, torch.bfloat16, enabled=coarse):
        sharpened = network(as_input(run.network, degraded))
    loss = restoration_loss(recipe, degraded, sharpened.float(), reference, label, "mse" if finish else recipe.loss)
    loss = loss * engine.weight(size)
    run.network.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    if recipe.clip:
        nn.utils.clip_grad_norm_(run.network.parameters(), recipe.clip)
    run.optimizers.step(run.step, rate_at(recipe, run.step))
    run.step += 1
    run.counted += 1
    # Early on the mean forgets fast, or it would still remember the initial weights long after they are gone.
    decay = min(recipe.ema, (1 + run.step) / (10 + run.step))
    with torch.no_grad():
        for mean, value in zip(run.average.parameters(), run.network.parameters(), strict=True):
            mean.lerp_(value, 1 - decay)
    run.loss += engine.mean(loss)
