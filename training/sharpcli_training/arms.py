"""Compares the arms of an experiment: runs alike but for one thing, on test pictures, with the doubt that is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sharpcli.errors import SharpError
from sharpcli.pictures import Pixels
from sharpcli.scoring import measured, psnr, read_rgb
from sharpcli_training.base import RestorationNetwork
from sharpcli_training.evaluate import CONVENTION, SCALE, pair
from sharpcli_training.networks import forward, load_run
from sharpcli_training.pairs import to_luma, to_tensor
from sharpcli_training.prepare import find_pictures

RESAMPLES = 10_000
Report = Callable[[str], None]
Values = NDArray[np.float64]


def compare_arms(arms: Mapping[str, Sequence[Path]], folders: Sequence[Path], report: Report) -> str:
    """A Markdown table of PSNR in dB at x2: mean and spread over an arm's runs, and its gain over the first arm.

    The gain is the mean paired difference over all pictures of all folders, each picture's averaged over the runs, with
    its 95 % bootstrap interval over pictures (Efron, 1979). Raises SharpError when arms differ in their number of runs.
    """
    if len({len(runs) for runs in arms.values()}) > 1:
        raise SharpError("every arm needs the same number of runs, one a seed")
    pairs = {folder.name: [_pair(path) for path in find_pictures(folder)] for folder in folders}
    scores: dict[str, Values] = {}
    for name, runs in arms.items():
        networks = [load_run(run)[1] for run in runs]
        rows = []
        for run, network in zip(runs, networks, strict=True):
            rows.append([_score(network, *two) for part in pairs.values() for two in part])
            report(f"{name}: {run.name}")
        scores[name] = np.array(rows)
    first = next(iter(scores))
    head = [*pairs, "all pictures", f"gain over {first}"]
    lines = [f"| arm | runs | {' | '.join(head)} |", "|---|---|" + "---|" * len(head)]
    edges = np.cumsum([len(part) for part in pairs.values()])[:-1]
    for name, values in scores.items():
        cells = [_spread(part.mean(1)) for part in (*np.split(values, edges, axis=1), values)]
        gain = "" if name == first else interval((values - scores[first]).mean(0))
        lines.append(f"| {name} | {len(values)} | {' | '.join(cells)} | {gain} |")
    return "\n".join(lines) + "\n"


def interval(differences: Values) -> str:
    """The mean of one difference a picture, with its 95 % bootstrap interval, as text."""
    rng = np.random.default_rng(0)
    means = differences[rng.integers(len(differences), size=(RESAMPLES, len(differences)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{differences.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def _spread(means: Values) -> str:
    return f"{means.mean():.3f}" + (f" ± {means.std(ddof=1):.3f}" if len(means) > 1 else "")


def _pair(path: Path) -> tuple[Pixels, Pixels]:
    return pair(read_rgb(path), SCALE, False, None)


@torch.no_grad()
def _score(network: RestorationNetwork, damaged: Pixels, original: Pixels) -> float:
    """PSNR of the 8-bit result; the network runs as it was trained, in float32."""
    height, width = damaged.shape[:2]
    align = network.align
    padded = np.pad(damaged, ((0, -height % align), (0, -width % align), (0, 0)), mode="edge")
    seen = to_tensor([padded])
    change = forward(network, seen) - (seen if network.colour == "rgb" else to_luma(seen))
    levels = 255 * (seen + change)[0, :, :height, :width].permute(1, 2, 0).numpy()
    result = np.rint(levels).clip(0, 255).astype(np.uint8)
    return psnr(measured(result, CONVENTION), measured(original, CONVENTION))
