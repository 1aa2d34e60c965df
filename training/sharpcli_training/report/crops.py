"""Finds where each enhancer wins most and where it fails most, on photographs that may be shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from skimage import data

from sharpcli.image.image import Pixels
from sharpcli.scoring.score import BORDER, gain, measured
from sharpcli_training.evaluation.evaluate import CONVENTION, GRID, Say, pair, sharpened
from sharpcli_training.evaluation.rows import INPUT, Row

# What scikit-image carries in its own package and declares CC0 or public domain.
PHOTOGRAPHS: dict[str, Callable[[], Pixels]] = {
    "astronaut": data.astronaut,
    "brick": data.brick,
    "camera": data.camera,
    "chelsea": data.chelsea,
    "coffee": data.coffee,
    "grass": data.grass,
    "gravel": data.gravel,
    "hubble": data.hubble_deep_field,
    "rocket": data.rocket,
}
CELLS = {"x2": ("scale 2",), "photo": ("scale 4", "scale 2, JPEG 75", "sharp, JPEG 75")}
"""The degradations that are looked through for each profile."""
BLOCK = 24
BLOCKS = (2, 3)
CROP_SIZE = (BLOCKS[0] * BLOCK, BLOCKS[1] * BLOCK)
"""Height and width of a crop in pixels, which is made of square blocks."""
VISIBLE = 40.0
"""A block that is closer to the reference than this many dB before and after shows nothing."""


@dataclass(frozen=True)
class Crop:
    """The best (or worst) place of `rows`: uint8 crops and PSNR in dB by row, `reference` among the crops."""

    rows: tuple[Row, ...]
    best: bool
    image: str
    cell: str
    place: tuple[int, int]
    psnr: Mapping[Row, float]
    pixels: Mapping[Row | str, Pixels] = field(repr=False)

    @property
    def title(self) -> str:
        """What is seen: whose best or worst, what it gains there over the input, in which image and degradation."""
        gains = [f"{row.label} ({gain(self.psnr[row], self.psnr[INPUT]):+.2f} dB)" for row in self.rows]
        return f"{'best' if self.best else 'worst'} for {', '.join(gains)}: {self.image}, {self.cell}"


@dataclass(frozen=True)
class _Image:
    name: str
    cell: str
    reference: Pixels
    results: Mapping[Row, Pixels]
    errors: Mapping[Row, NDArray[np.float64]]


def load_photographs() -> dict[str, Pixels]:
    """The photographs as uint8 H x W x 3."""
    images = {name: load() for name, load in PHOTOGRAPHS.items()}
    return {name: p if p.ndim == 3 else np.stack([p] * 3, axis=2) for name, p in images.items()}


def find_crops(images: Mapping[str, Pixels], rows: Sequence[Row], profile: str, report: Say) -> list[Crop]:
    """The crop that each row improves most, then the one that it harms most or improves least.

    A crop that is the same for several rows comes once. PSNR is that of the crop's luma, as in convention `y` but
    with no border to cut.
    """
    seen = []
    for cell in CELLS[profile]:
        for name, reference in images.items():
            degraded, whole = pair(reference, *GRID[cell])
            results = {row: sharpened(degraded, row, profile) for row in (INPUT, *rows)}
            seen.append(
                _Image(name, cell, whole, results, {row: _errors(result, whole) for row, result in results.items()})
            )
        report(f"crops: profile {profile}, {cell}")
    crops: dict[tuple[bool, str, str, tuple[int, int]], Crop] = {}
    for best in (True, False):
        for row in rows:
            if crop := _extreme(seen, row, best):
                key = (best, crop.image, crop.cell, crop.place)
                crops[key] = replace(crop, rows=(*crops[key].rows, row)) if key in crops else crop
    return list(crops.values())


def _errors(result: Pixels, reference: Pixels) -> NDArray[np.float64]:
    """Mean squared error of the luma, in 8-bit levels, of every block."""
    error = (measured(result, CONVENTION) - measured(reference, CONVENTION))[..., 0] ** 2
    down, across = (side // BLOCK for side in error.shape)
    blocks = error[: down * BLOCK, : across * BLOCK].reshape(down, BLOCK, across, BLOCK)
    mean: NDArray[np.float64] = blocks.mean((1, 3))
    return mean


def _decibel(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        decibel: NDArray[np.float64] = 10 * np.log10(255**2 / errors)
    return decibel


def _extreme(seen: Sequence[_Image], row: Row, best: bool) -> Crop | None:
    found: tuple[float, _Image, int, int] | None = None
    for image in seen:
        before, after = (sliding_window_view(image.errors[r], BLOCKS) for r in (INPUT, row))
        visible = _decibel(np.maximum(before, after)).max((2, 3)) < VISIBLE
        with np.errstate(invalid="ignore"):  # nothing was degraded and nothing changed
            won = _decibel(after.mean((2, 3))) - _decibel(before.mean((2, 3)))
        wanted = np.where(visible & np.isfinite(won), won if best else -won, -math.inf)
        y, x = divmod(int(wanted.argmax()), wanted.shape[1])
        if wanted[y, x] > (found[0] if found else -math.inf):
            found = float(wanted[y, x]), image, y, x
    if found is None:
        return None
    _, image, y, x = found
    # The blocks begin after the border that the convention cuts.
    top, left = BORDER + BLOCK * y, BORDER + BLOCK * x
    window = np.s_[top : top + CROP_SIZE[0], left : left + CROP_SIZE[1]]
    pixels: dict[Row | str, Pixels] = {r: result[window] for r, result in image.results.items()}
    pixels["reference"] = image.reference[window]
    blocks = np.s_[y : y + BLOCKS[0], x : x + BLOCKS[1]]
    psnr = {r: float(_decibel(errors[blocks].mean())) for r, errors in image.errors.items()}
    return Crop((row,), best, image.name, image.cell, (top, left), psnr, pixels)
