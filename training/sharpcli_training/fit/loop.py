"""The training loop: one loop for teacher and student, resumable, logged, deterministic on a CPU."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path

import torch
from torch import Tensor, nn

from sharpcli.errors import SharpError
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.fit.checkpoints import Run, begin, resume, save
from sharpcli_training.fit.engine import Engine
from sharpcli_training.fit.losses import check_loss, restoration_loss
from sharpcli_training.fit.optimizers import rate_at, set_rate
from sharpcli_training.fit.record import Record
from sharpcli_training.networks.base import RestorationNetwork, to_luma
from sharpcli_training.networks.build import as_input, forward
from sharpcli_training.recipe import Recipe


def train(
    recipe: Recipe,
    pairs: Pairs,
    folder: Path,
    say: Callable[[str], None],
    start: Callable[[RestorationNetwork], None] | None = None,
    lineage: Mapping[str, str] | None = None,
    save_every: float = 120,
) -> Run:
    """Train by `recipe` on `pairs`, continuing from the checkpoint in `folder` if there is one.

    `start` initialises a new network (an ImageNet encoder, another run's weights); `lineage` says by name what it and
    the labels came from, for the record. `say` receives the progress lines. A checkpoint is written every `save_every`
    seconds. Several processes that torchrun started train one network together.
    Raises SharpError when the folder holds a run of another recipe, for a loss that does not exist, and for a batch
    that is too small for the processes.
    """
    engine = Engine()
    check_loss(recipe.loss)
    _check_batches(recipe, engine.count)
    folder.mkdir(parents=True, exist_ok=True)
    run = resume(recipe, folder, engine.device) or begin(recipe, start, pairs, engine.device)
    if not engine.agree(run.step):
        raise SharpError(f"{folder} is at another step on another machine; put it where all machines see the same")
    network = engine.share(run.network)
    validation = [tensor.to(engine.device) for tensor in pairs.validation()]
    first, before, since, saved = run.step, run.seconds, time.monotonic(), time.monotonic()
    # All processes go through all steps alike; only the main one keeps a record.
    with Record(folder, run, say, lineage or {}, pairs.card) if engine.main else nullcontext() as record:
        while run.step < recipe.steps:
            run.losses.append(_update(run, network, pairs, engine))
            run.seconds = before + time.monotonic() - since
            last = run.step == recipe.steps
            if run.step % recipe.validate_every == 0 or last:
                loss = sum(run.losses) / len(run.losses)
                run.history.append({"step": run.step, "loss": loss, **validate(run.average, validation)})
                run.losses.clear()
                if record:
                    record.note((run.step - first) / (time.monotonic() - since))
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


def _update(run: Run, network: nn.Module, pairs: Pairs, engine: Engine) -> float:
    recipe = run.recipe
    # At the end, the very thing that PSNR measures, on crops whose borders matter less.
    finish = run.step >= (1 - recipe.finish_share) * recipe.steps
    patch = recipe.finish_patch if finish else recipe.patch
    size = recipe.batch_of(patch)
    batch = pairs.batch(run.step, recipe.seed, size, patch, engine.part(size))
    degraded, reference, label = (None if part is None else part.to(engine.device) for part in batch)
    assert degraded is not None and reference is not None
    set_rate(run.optimizers, rate_at(recipe, run.step))
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
    for optimizer in run.optimizers:
        optimizer.step()
    run.step += 1
    # Early on the mean forgets fast, or it would still remember the initial weights long after they are gone.
    decay = min(recipe.ema, (1 + run.step) / (10 + run.step))
    with torch.no_grad():
        for mean, value in zip(run.average.parameters(), run.network.parameters(), strict=True):
            mean.lerp_(value, 1 - decay)
    return engine.mean(loss)


@torch.no_grad()
def validate(network: RestorationNetwork, validation: list[Tensor]) -> dict[str, float]:
    """Luma PSNR in dB over the held-out crops: of the pooled error, the mean of the crops', and the input's pooled."""
    degraded, reference = validation
    target = to_luma(reference)
    restored = torch.cat([to_luma(forward(network, low)) for low in torch.split(degraded, 16)])
    errors = (restored.clamp(0, 1) - target).square().mean((1, 2, 3))
    baseline = (to_luma(degraded) - target).square().mean()
    return {
        "psnr": -10 * math.log10(errors.mean().item()),
        # A crop that came back untouched has no error at all; half a level is as good as that.
        "mean_psnr": float(-10 * errors.clamp(min=(0.5 / 255) ** 2).log10().mean()),
        "input": -10 * math.log10(baseline.item()),
    }
