"""The figures of an image, their means over images, and the share of sharpness that came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np

from sharpcli.image.image import Pixels
from sharpcli.plugin.metric import Metric
from sharpcli.scoring.score import measured, score_pixels
from sharpcli_training.evaluation.evaluate import CONVENTION, Figures, luma_psnr
from sharpcli_training.evaluation.rows import Row

MOST_DB = 60.0
"""What counts for an image that came back untouched."""
SOFTER = 0.02
"""By how much of its mean gradient a degraded image must be softer for sharpness to be there to recover."""
SHARPNESS = "sharpness"
"""The mean magnitude of luma's gradient, among the figures by name of metric."""


@dataclass(frozen=True)
class CellFigures:
    """A cell's mean figures: of the references (SHARPNESS alone), of the degraded images, and of results by method.

    `found` has what enhancers made of the image alone, `told` of the image and its degradation. None stands where
    there is nothing to tell, and where a classical method has no blur to undo.
    """

    name: str
    reference: Figures
    input: Figures
    found: Mapping[Row, Figures] = field(default_factory=dict)
    told: Mapping[Row, Figures | None] = field(default_factory=dict)
    classics: Mapping[str, Figures | None] = field(default_factory=dict)


def figures(result: Pixels, reference: Pixels, metrics: Sequence[Metric]) -> Figures:
    """Of uint8 H x W x 3, PSNR at most MOST_DB; raises ImageError for pixels that are too few for a metric."""
    found = score_pixels(result, reference, CONVENTION, metrics)
    return {**found, "psnr": min(found["psnr"], MOST_DB), SHARPNESS: sharpness(result)}


def decibels(result: Pixels, reference: Pixels) -> float:
    """PSNR of luma, at most MOST_DB."""
    return min(luma_psnr(result, reference), MOST_DB)


def sharpness(pixels: Pixels) -> float:
    """The mean magnitude of the gradient of luma, in levels a pixel."""
    return float(np.hypot(*np.gradient(measured(pixels, CONVENTION)[..., 0])).mean())


def means(each: Iterable[Figures]) -> Figures:
    """The mean of each figure."""
    every = list(each)
    return {name: fmean(one[name] for one in every) for name in every[0]}


def recovered(cell: CellFigures, result: Figures | None) -> float | None:
    """The share of the gradient that was lost and came back; above 1, there is more than the reference has.

    None where there is no result, or next to nothing was lost.
    """
    lost = cell.reference[SHARPNESS] - cell.input[SHARPNESS]
    if result is None or lost < SOFTER * cell.reference[SHARPNESS]:
        return None
    return (result[SHARPNESS] - cell.input[SHARPNESS]) / lost
