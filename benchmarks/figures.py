"""What the tables of deblurring.py are made of: figures of an image, their means in a row, and lines of Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from sharpcli.image.image import Pixels
from sharpcli.plugin.metric import Metric
from sharpcli.scoring.score import measured, psnr, score_pixels

CONVENTION = "y"
MOST_DB = 60.0
"""What counts for an image that came back untouched."""
SOFTER = 0.02
"""By how much of its mean gradient a degraded image must be softer for sharpness to be there to recover."""
PLACES = {"psnr": 2, "ssim": 4, "ms-ssim": 4}
SHARPNESS = "sharpness"
TITLES = {
    "ssim": "SSIM of the input, and the gain over it",
    "ms-ssim": "MS-SSIM of the input, and the gain over it",
    SHARPNESS: "Sharpness of the input as a share of the reference's, and how much of what it lost came back",
}

Figures = Mapping[str, float]
"""By the name of a metric, or SHARPNESS: the mean magnitude of luma's gradient."""


@dataclass(frozen=True)
class Row:
    """A degradation's mean figures: of the references, of the degraded images, and of results by method.

    None stands where a method cannot be asked.
    """

    name: str
    reference: Figures
    input: Figures
    results: Mapping[str, Figures | None]


def figures(result: Pixels, reference: Pixels, metrics: Sequence[Metric]) -> Figures:
    """Of uint8 H x W x 3; raises ImageError for pixels that are too few for a metric."""
    found = score_pixels(result, reference, CONVENTION, metrics)
    return {**found, "psnr": min(found["psnr"], MOST_DB), SHARPNESS: sharpness(result)}


def decibels(result: Pixels, reference: Pixels) -> float:
    """PSNR of luma, at most MOST_DB."""
    return min(psnr(measured(result, CONVENTION), measured(reference, CONVENTION)), MOST_DB)


def sharpness(pixels: Pixels) -> float:
    """The mean magnitude of the gradient of luma, in levels a pixel."""
    return float(np.hypot(*np.gradient(measured(pixels, CONVENTION)[..., 0])).mean())


def means(each: Iterable[Figures]) -> Figures:
    """The mean of each figure."""
    every = list(each)
    return {name: fmean(one[name] for one in every) for name in every[0]}


def header(names: Iterable[str]) -> str:
    """The first two lines of a table."""
    columns = ["degradation", "input", *names]
    return f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"


def line(row: Row, metric: str) -> str:
    """A row of a metric's table."""
    if metric == SHARPNESS:
        before = f"{100 * row.input[metric] / row.reference[metric]:.0f} %"
        texts = [_percent(recovered(row, result)) for result in row.results.values()]
    else:
        places = PLACES[metric]
        before = f"{row.input[metric]:.{places}f}"
        texts = [
            f"{result[metric] - row.input[metric]:+z.{places}f}" if result else "" for result in row.results.values()
        ]
    return f"| {' | '.join([row.name, before, *texts])} |"


def recovered(row: Row, result: Figures | None) -> float | None:
    """The share of the gradient that was lost and came back; above 1, there is more than the reference has.

    None where there is no result, or next to nothing was lost.
    """
    lost = row.reference[SHARPNESS] - row.input[SHARPNESS]
    if result is None or lost < SOFTER * row.reference[SHARPNESS]:
        return None
    return (result[SHARPNESS] - row.input[SHARPNESS]) / lost


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:z.0f} %"
