"""Finds where each enhancer wins most and where it fails most, on photographs that may be shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from skimage import data

from sharpcli.pictures import Pixels
from sharpcli.scoring import BORDER, gain, measured
from sharpcli_training.evaluate import CONVENTION, GRID, Report, pair, sharpened
from sharpcli_training.rows import INPUT, Row

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
"""The damages that are looked through for each profile."""
BLOCK = 24
BLOCKS = (2, 3)
SIZE = (BLOCKS[0] * BLOCK, BLOCKS[1] * BLOCK)
"""Height and width of a crop in pixels, which is made of square blocks."""
VISIBLE = 40.0
"""A block that is closer to the original than this many dB before and after shows nothing."""


@dataclass(frozen=True)
class Crop:
    """A place in a damaged picture: uint8 crops and PSNR in dB by row, `original` among the crops."""

    row: Row
    wins: bool
    picture: str
    cell: str
    place: tuple[int, int]
    psnr: Mapping[Row, float]
    pixels: Mapping[Row | str, Pixels] = field(repr=False)

    @property
    def title(self) -> str:
        """What is seen: which enhancer, how it does, where and on which damage."""
        gained = gain(self.psnr[self.row], self.psnr[INPUT])
        verb = "wins most" if self.wins else "fails most" if gained < 0 else "wins least"
        return f"{self.row.label} {verb} ({gained:+.2f} dB): {self.picture}, {self.cell}"


@dataclass(frozen=True)
class _Picture:
    name: str
    cell: str
    original: Pixels
    results: Mapping[Row, Pixels]
    errors: Mapping[Row, NDArray[np.float64]]


def load_photographs() -> dict[str, Pixels]:
    """The photographs as uint8 H x W x 3."""
    pictures = {name: load() for name, load in PHOTOGRAPHS.items()}
    return {name: p if p.ndim == 3 else np.stack([p] * 3, axis=2) for name, p in pictures.items()}


def find_crops(pictures: Mapping[str, Pixels], rows: Sequence[Row], profile: str, report: Report) -> list[Crop]:
    """For each row the crop that it improves most, then the one that it harms most or improves least.

    No two crops overlap. PSNR is that of the crop's luma, as in convention `papers` but with no border to cut.
    """
    seen = []
    for cell in CELLS[profile]:
        for name, original in pictures.items():
            damaged, whole = pair(original, *GRID[cell])
            results = {row: sharpened(damaged, row, profile) for row in (INPUT, *rows)}
            seen.append(
                _Picture(name, cell, whole, results, {row: _errors(result, whole) for row, result in results.items()})
            )
        report(f"crops: profile {profile}, {cell}")
    crops: list[Crop] = []
    for row in rows:
        for wins in (True, False):
            crop = _extreme(seen, row, wins, crops)
            if crop is not None:
                crops.append(crop)
    return crops


def _errors(result: Pixels, original: Pixels) -> NDArray[np.float64]:
    """Mean squared error of the luma, in 8-bit levels, of every block."""
    error = (measured(result, CONVENTION) - measured(original, CONVENTION))[..., 0] ** 2
    down, across = (side // BLOCK for side in error.shape)
    blocks = error[: down * BLOCK, : across * BLOCK].reshape(down, BLOCK, across, BLOCK)
    mean: NDArray[np.float64] = blocks.mean((1, 3))
    return mean


def _decibel(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        decibel: NDArray[np.float64] = 10 * np.log10(255**2 / errors)
    return decibel


def _extreme(seen: Sequence[_Picture], row: Row, wins: bool, taken: Sequence[Crop]) -> Crop | None:
    best: tuple[float, _Picture, int, int] | None = None
    for picture in seen:
        before, after = (sliding_window_view(picture.errors[r], BLOCKS) for r in (INPUT, row))
        visible = _decibel(np.maximum(before, after)).max((2, 3)) < VISIBLE
        with np.errstate(invalid="ignore"):  # nothing was damaged and nothing changed
            won = _decibel(after.mean((2, 3))) - _decibel(before.mean((2, 3)))
        wanted = np.where(visible & np.isfinite(won), won if wins else -won, -math.inf)
        for crop in taken:
            if crop.picture == picture.name:
                _shut_out(wanted, crop.place)
        y, x = divmod(int(wanted.argmax()), wanted.shape[1])
        if wanted[y, x] > (best[0] if best else -math.inf):
            best = float(wanted[y, x]), picture, y, x
    if best is None:
        return None
    _, picture, y, x = best
    # The blocks begin after the border that the convention cuts.
    top, left = BORDER + BLOCK * y, BORDER + BLOCK * x
    window = np.s_[top : top + SIZE[0], left : left + SIZE[1]]
    pixels: dict[Row | str, Pixels] = {r: result[window] for r, result in picture.results.items()}
    pixels["original"] = picture.original[window]
    blocks = np.s_[y : y + BLOCKS[0], x : x + BLOCKS[1]]
    psnr = {r: float(_decibel(errors[blocks].mean())) for r, errors in picture.errors.items()}
    return Crop(row, wins, picture.name, picture.cell, (top, left), psnr, pixels)


def _shut_out(wanted: NDArray[np.float64], place: tuple[int, int]) -> None:
    """Make the crops that overlap the one at `place` impossible to choose."""
    y, x = ((start - BORDER) // BLOCK for start in place)
    wanted[max(0, y - BLOCKS[0] + 1) : y + BLOCKS[0], max(0, x - BLOCKS[1] + 1) : x + BLOCKS[1]] = -math.inf
