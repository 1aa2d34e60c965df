"""Scores images against their originals, by any metrics and one of two conventions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import ImageError, SharpError
from sharpcli.image.image import Image, Pixels, bands, from_pil, in_8_bits, to_pil
from sharpcli.image.read import read_image
from sharpcli.image.scratch import IN_MEMORY, Scratch
from sharpcli.plugin.metric import Metric
from sharpcli.plugin.registry import load_registry
from sharpcli.scoring.evaluate import check_sides, figures_of, means_by
from sharpcli.scoring.metrics import STANDARD, Psnr

BORDER = 2
CONVENTIONS = {
    "rgb": "rgb (R, G and B, 8 bits, whole image)",
    "y": f"y (BT.601 luma 16-235, {BORDER} border pixels cut)",
}
ALIASES = {"papers": "y"}
# ITU-R BT.601 luma with studio swing, as MATLAB's rgb2ycbcr gives it and as super-resolution papers measure.
STUDIO_LUMA = np.array([65.481, 128.553, 24.966]) / 255
GROUND = 128
"""The grey that shows through what is transparent, so that colours nobody sees are not compared."""


def convention_called(name: str) -> str:
    """The key of CONVENTIONS for a name or its alias; raises SharpError."""
    if (convention := ALIASES.get(name, name)) not in CONVENTIONS:
        raise SharpError(f"unknown convention {name!r}; available: {', '.join([*CONVENTIONS, *ALIASES])}")
    return convention


def measured(rgb: Pixels, convention: str) -> NDArray[np.float64]:
    """The values a convention compares: uint8 H x W x 3 to float64 in 8-bit levels, H x W x C."""
    return _values(_compared(rgb, convention), convention)


def _compared(rgb: Pixels, convention: str) -> Pixels:
    return rgb if convention == "rgb" else rgb[BORDER:-BORDER, BORDER:-BORDER]


def _values(rgb: Pixels, convention: str) -> NDArray[np.float64]:
    values = rgb.astype(np.float64)
    return values if convention == "rgb" else (values @ STUDIO_LUMA + 16)[..., None]


def psnr(result: NDArray[np.float64], reference: NDArray[np.float64]) -> float:
    """Peak signal-to-noise ratio in dB, peak 255; infinite for equal values."""
    metric = Psnr()
    return metric.figure(metric.total(result, reference) / result.size)


def chosen_metrics(names: Iterable[str]) -> tuple[Metric, ...]:
    """The metrics of these names, each once, or PSNR and SSIM; raises SharpError naming those that exist."""
    return tuple(load_registry().metric(name)() for name in dict.fromkeys(names)) or STANDARD


@dataclass(frozen=True)
class Score:
    """One image's figures: `result`, and `input` where that was given; by metric name.

    `notes` say what of its files may be damaged, each with the file's name.
    """

    name: str
    result: Mapping[str, float]
    input: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def row(self) -> dict[str, Any]:
        """Flat, with the gain beside each input figure."""
        row: dict[str, Any] = {"image": self.name, **self.result}
        for metric, value in self.input.items():
            row |= {f"input_{metric}": value, f"gain_{metric}": gain(self.result[metric], value)}
        return row


def gain(result: float, baseline: float) -> float:
    """Result minus input; 0 when both are perfect."""
    return 0.0 if result == baseline else result - baseline


def score_pixels(
    result: Pixels, reference: Pixels, convention: str, metrics: Sequence[Metric] = STANDARD
) -> dict[str, float]:
    """The figures of uint8 H x W x 3 pixels by each metric's name, in little memory beyond theirs where it can be.

    Raises ImageError when the sizes differ or are too small for a metric, and when a plugin's metric fails.
    """
    return figures_of(metrics, pixel_means(result, reference, convention, metrics))


def pixel_means(result: Pixels, reference: Pixels, convention: str, metrics: Sequence[Metric]) -> dict[str, float]:
    """What the figures of `score_pixels` are made of, to be averaged over several frames (see `means_by`)."""
    if result.shape != reference.shape:
        sizes = " but ".join(f"{p.shape[1]}x{p.shape[0]}" for p in (result, reference))
        raise ImageError(f"the sizes differ: {sizes} in the reference; score images of the same size")
    check_size(reference, convention, metrics)
    compared = _compared(result, convention), _compared(reference, convention)
    return means_by(metrics, (result, reference), compared, partial(_values, convention=convention))


def check_size(reference: Pixels, convention: str, metrics: Sequence[Metric] = STANDARD) -> None:
    """Raise ImageError for H x W x 3 pixels that are too few for one of the metrics."""
    check_sides(metrics, min(reference.shape[:2]), 0 if convention == "rgb" else 2 * BORDER)


def read_rgb(path: Path) -> Pixels:
    """The pixels of a file as they are compared (see `rgb_of`); raises ImageError, which names the file."""
    try:
        return rgb_of(read_image(path))
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error


def rgb_of(image: Image, scratch: Scratch = IN_MEMORY) -> Pixels:
    """An image as uint8 H x W x 3 RGB, seen on mid-grey (128) where it is transparent; its array from `scratch`.

    The image's own array, where that is RGB of 8 bits.
    """
    if image.mode == "RGB" and image.pixels.dtype == np.uint8:
        return np.ascontiguousarray(image.pixels)
    height, width = image.pixels.shape[:2]
    rgb: Pixels = scratch.empty((height, width, 3), np.uint8)
    color = image.mode.removesuffix("A")
    for rows in bands(height, width):
        pixels = in_8_bits(image.pixels[rows])
        if color != image.mode:
            pixels = _on_ground(pixels)
        rgb[rows] = pixels if color == "RGB" else from_pil(to_pil(pixels, color).convert("RGB"))
        scratch.sweep()
    return rgb


def _on_ground(pixels: Pixels) -> Pixels:
    """Uint8 H x W x C + alpha to H x W x C as seen on `GROUND`; what is opaque stays itself."""
    alpha = pixels[..., -1:].astype(np.uint32)
    return ((pixels[..., :-1] * alpha + GROUND * (255 - alpha) + 127) // 255).astype(np.uint8)


def mean(scores: Sequence[Score]) -> Score:
    """The mean figures, each of those that have it; raises SharpError when there are none."""
    if not scores:
        raise SharpError("no pair could be scored")

    def means(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
        values = {name: [part[name] for part in parts if name in part] for part in parts for name in part}
        return {name: sum(each) / len(each) for name, each in values.items()}

    return Score("mean", means([s.result for s in scores]), means([s.input for s in scores]))
