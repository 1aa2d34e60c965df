"""Compares the arms of an experiment: runs alike but for one thing, on test images, with the doubt that is left."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sharpcli.errors import SharpError
from sharpcli.image.image import FloatPixels, Image, Pixels, in_8_bits, padded
from sharpcli.pipeline.run import sharpen
from sharpcli.plugin.enhancer import Enhancer
from sharpcli_training.evaluation.evaluate import SCALE, Say, folder_names, luma_psnr, pairs_of, read_folder
from sharpcli_training.evaluation.tables import markdown
from sharpcli_training.fit.checkpoints import load_run
from sharpcli_training.networks.base import RestorationNetwork, to_luma
from sharpcli_training.networks.build import forward

RESAMPLES = 10_000
Values = NDArray[np.float64]


class Trained(Enhancer):
    """The network of a run, in float32 as it was trained; not an enhancer that anyone can choose."""

    name = "run"
    summary = "the network of a run"
    network: RestorationNetwork = dataclasses.field(kw_only=True)

    @torch.no_grad()
    def enhance(self, pixels: FloatPixels) -> FloatPixels:
        """Sharper pixels, float32 H x W x C."""
        height, width = pixels.shape[:2]
        seen = torch.from_numpy(padded(pixels, self.network.tile_multiple)).permute(2, 0, 1)[None]
        change = forward(self.network, seen) - (seen if self.network.color == "rgb" else to_luma(seen))
        result: FloatPixels = (seen + change)[0, :, :height, :width].permute(1, 2, 0).numpy()
        return result


def compare_arms(arms: Mapping[str, Sequence[Path]], folders: Sequence[Path], report: Say) -> str:
    """A Markdown table of PSNR in dB at x2: mean and spread over an arm's runs, and its gain over the first arm.

    The gain is the mean paired difference over all images of all folders, each image's averaged over the runs, with
    its 95 % bootstrap interval over images (Efron, 1979). Raises SharpError when arms differ in their number of runs,
    for a folder without images and for two folders of one name.
    """
    if len({len(runs) for runs in arms.values()}) > 1:
        raise SharpError("every arm needs the same number of runs, one a seed")
    names = folder_names(folders)
    parts = [pairs_of(read_folder(folder), SCALE, False, None) for folder in folders]
    scores: dict[str, Values] = {}
    for name, runs in arms.items():
        rows = []
        for run in runs:
            enhancer = Trained(network=load_run(run)[1])
            rows.append([_score(enhancer, *pair) for part in parts for pair in part])
            report(f"{name}: {run.name}")
        scores[name] = np.array(rows)
    first = next(iter(scores))
    lines = []
    edges = np.cumsum([len(part) for part in parts])[:-1]
    for name, values in scores.items():
        cells = [_spread(part.mean(1)) for part in (*np.split(values, edges, axis=1), values)]
        gain = "" if name == first else interval((values - scores[first]).mean(0))
        lines.append([name, str(len(values)), *cells, gain])
    return markdown(["arm", "runs", *names, "all images", f"gain over {first}"], lines)


def interval(differences: Values) -> str:
    """The mean of one difference an image, with its 95 % bootstrap interval, as text."""
    rng = np.random.default_rng(0)
    means = differences[rng.integers(len(differences), size=(RESAMPLES, len(differences)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{differences.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def _spread(means: Values) -> str:
    return f"{means.mean():.3f}" + (f" ± {means.std(ddof=1):.3f}" if len(means) > 1 else "")


def _score(enhancer: Enhancer, degraded: Pixels, reference: Pixels) -> float:
    """PSNR in dB of the 8-bit result."""
    return luma_psnr(in_8_bits(sharpen(Image(degraded, "RGB"), enhancer).pixels), reference)
