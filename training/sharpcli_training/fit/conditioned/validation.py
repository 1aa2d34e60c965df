"""Measures conditioned networks on held-out photographs, by what these went through."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from sharpcli_training.data.degradation.draw import FAMILIES, KINDS, Draw
from sharpcli_training.data.degradation.vector import vector
from sharpcli_training.data.degraded import Images, degraded_batch
from sharpcli_training.networks.base import to_luma
from sharpcli_training.networks.estimator import Estimator, soft_vector

BORDER = 8
SEED = 12345
BATCH = {"cpu": 8, "cuda": 64}
"""Crops at a time; a CPU shall not begin what it cannot end in time."""
HALF_LEVEL = 0.5
"""Squared levels added to each error: a crop that came back untouched has none at all."""
CODECS = ("webp", "video")
"""By `Draw.coded`, whatever the family: what a codec left, some of it sharp, and only where the pack has such."""
DEGRADED = (*KINDS, *FAMILIES[4:])
"""Those whose mean gain is the figure to look at; the rest must only come to no harm."""
CELLS = (*FAMILIES[:3], *DEGRADED, *CODECS)
"""The families, with blur by its kind."""

Restore = Callable[[Tensor, Tensor, list[Tensor] | None], Tensor]
"""Pixels, vectors, and a list that receives hidden features, if there are any to look at."""


@dataclass
class Gains:
    """Gain of luma PSNR over the input in dB, mean over the crops of each cell and over all degraded ones."""

    told: dict[str, float] = field(default_factory=dict)
    """With the true vector."""
    auto: dict[str, float] = field(default_factory=dict)
    """With the estimator's, from this one crop."""
    dead: list[int] = field(default_factory=list)
    """Channels of each hidden layer that were silent on every crop with the true vector."""


@torch.no_grad()
def measure(
    networks: dict[str, Restore],
    estimator: Estimator,
    images: Images,
    crops: int,
    seconds: float = math.inf,
    only: str = "",
) -> dict[str, Gains]:
    """Measure all networks on the same `crops` crops, drawn as in training but always the same.

    Fewer where they would take longer than `seconds`, but one batch at least.
    """
    begun, size = time.monotonic(), BATCH[images.device.type]
    generator = torch.Generator(images.device).manual_seed(SEED)
    results = {name: Gains() for name in networks}
    gains: dict[tuple[str, str], list[Tensor]] = {}
    alive: dict[str, list[Tensor]] = {}
    cells = []
    for done in range(max(1, math.ceil(crops / size))):
        if done and (time.monotonic() - begun) * (1 + 1 / done) > seconds:
            break
        batch = degraded_batch(images, min(size, crops), generator, only)
        cells.append(_cell(batch.draw))
        before = _error(batch.degraded, batch.reference)
        estimated = soft_vector(estimator(to_luma(batch.degraded)))
        for name, restore in networks.items():
            for mode, vectors in (("told", vector(batch.draw)), ("auto", estimated)):
                seen: list[Tensor] = []
                restored = (255 * restore(batch.degraded, vectors, seen)).round().clamp(0, 255) / 255
                gain = 10 * torch.log10(before / _error(restored, batch.reference))
                gains.setdefault((name, mode), []).append(gain)
                if mode == "told":
                    active = [features.amax((0, 2, 3)) > 0 for features in seen]
                    alive[name] = [a | b for a, b in zip(alive.get(name, active), active, strict=True)]
    cell = torch.cat(cells)
    for (name, mode), parts in gains.items():
        setattr(results[name], mode, _means(torch.cat(parts), cell))
    for name, layers in alive.items():
        results[name].dead = [int((~layer).sum()) for layer in layers]
    return results


def lines(results: dict[str, Gains]) -> list[str]:
    """The results in words, two lines a network."""
    out = []
    for name, result in results.items():
        for mode in ("told", "auto"):
            figures = "  ".join(f"{cell} {gain:+.2f}" for cell, gain in getattr(result, mode).items())
            out.append(f"{name} {mode}: {figures}")
        if result.dead:
            out.append(f"{name} dead channels by layer: {result.dead}")
    return out


def _means(gains: Tensor, cell: Tensor) -> dict[str, float]:
    degraded = gains[(cell >= CELLS.index(DEGRADED[0])) & (cell <= CELLS.index(DEGRADED[-1]))]
    means = {"degraded": float(degraded.mean())} if len(degraded) else {}
    for index, name in enumerate(CELLS):
        if (cell == index).any():
            means[name] = float(gains[cell == index].mean())
    return {name: round(value, 3) for name, value in means.items()}


def _cell(draw: Draw) -> Tensor:
    """Index into CELLS of each crop."""
    kind = draw.family == FAMILIES.index("blur")
    cell = torch.where(kind, 3 + draw.kind, torch.where(draw.family > 3, draw.family + 2, draw.family))
    return torch.where(draw.coded > 0, CELLS.index(CODECS[0]) - 1 + draw.coded, cell)


def _error(pixels: Tensor, reference: Tensor) -> Tensor:
    """Mean squared error of luma in levels, of each crop."""
    error = 255 * to_luma(pixels - reference)[..., BORDER:-BORDER, BORDER:-BORDER]
    return error.square().mean((1, 2, 3)) + HALF_LEVEL
