"""Measures the installed enhancers through the pipeline a user runs: the test sets and the degradation grid."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import fmean

from sharpcli.errors import SharpError
from sharpcli.image.image import Image, Pixels, in_8_bits
from sharpcli.image.resample import degrade, grid_of
from sharpcli.measure.cores import cores
from sharpcli.pipeline.run import sharpen
from sharpcli.scoring.score import gain, measured, psnr, read_rgb, score_pixels
from sharpcli_training.data.sources import find_images
from sharpcli_training.evaluation.rows import INPUT, UNSHARP, Row

CONVENTION = "y"
SCALE = 2
Figures = dict[str, float]
Table = dict[Row, dict[str, Figures]]
"""Mean PSNR and SSIM by row, then by folder or by cell of the grid."""
Say = Callable[[str], None]

# Name, and how it degrades an image: (scale, shifted by a pixel, JPEG quality).
GRID = {
    f"{name}{f', JPEG {jpeg}' if jpeg else ''}": (scale, shifted, jpeg)
    for jpeg in (None, 90, 75, 50)
    for name, scale, shifted in (
        ("sharp", 1.0, False),
        ("scale 1.5", 1.5, False),
        ("scale 2", 2.0, False),
        ("scale 2 shifted", 2.0, True),
        ("scale 3", 3.0, False),
        ("scale 4", 4.0, False),
    )
}
SHARP_KEPT = 42.0
"""PSNR in dB at which a sharp image has to come back."""
JPEG_LOSS = 0.1
"""PSNR in dB that a sharp image with JPEG may lose."""


def reached(cell: str, before: Figures, after: Figures) -> bool:
    """Whether an enhancer does in a cell what is asked of profile `photo`: gain, or leave a sharp image alone."""
    scale, _, jpeg = GRID[cell]
    if scale == 1:
        return after["psnr"] >= (SHARP_KEPT if jpeg is None else before["psnr"] - JPEG_LOSS)
    return all(after[metric] > before[metric] for metric in ("psnr", "ssim"))


def gains(before: Figures, after: Figures) -> Figures:
    """PSNR in dB and SSIM won over the input."""
    return {metric: gain(after[metric], value) for metric, value in before.items()}


Pair = tuple[Pixels, Pixels]


def pair(reference: Pixels, scale: float, shifted: bool, jpeg: int | None) -> Pair:
    """(input, reference) of one cell; the reference loses the rows and columns that no whole scale would cover."""
    grid = grid_of(scale)
    height, width = (side // grid * grid for side in reference.shape[:2])
    whole = reference[:height, :width]
    degraded = degrade(whole, scale, jpeg=jpeg)
    start = 1 if shifted else 0
    return degraded[start:, start:], whole[start:, start:]


def luma_psnr(pixels: Pixels, reference: Pixels) -> float:
    """PSNR in dB in the convention of the tables, where SSIM, which takes longest, is not wanted."""
    return psnr(measured(pixels, CONVENTION), measured(reference, CONVENTION))


def name_of(folder: Path) -> str:
    """What a table calls a folder of sharp images."""
    return folder.resolve().name


def folder_names(folders: Sequence[Path]) -> list[str]:
    """What a table calls the folders; raises SharpError when two have one name, since nobody could tell them apart."""
    names = [name_of(folder) for folder in folders]
    if len(set(names)) < len(names):
        raise SharpError("two folders have the same name; rename one, so that the table can tell them apart")
    return names


def read_folder(folder: Path) -> list[Pixels]:
    """The sharp images in a folder, uint8 H x W x 3; raises SharpError when there are none."""
    references = [read_rgb(path) for path in find_images(folder)]
    if not references:
        raise SharpError(f"no images found in {folder}")
    return references


def test_sets(folders: Sequence[Path], rows: Sequence[Row], report: Say) -> Table:
    """Figures of the input, an unsharp mask and each row on each folder at exactly x2, profile `x2`.

    Raises SharpError for a folder without images and for two folders of one name.
    """
    table: Table = {}
    for name, folder in zip(folder_names(folders), folders, strict=True):
        pairs = pairs_of(read_folder(folder), SCALE, False, None)
        for row in (INPUT, UNSHARP, *rows):
            table.setdefault(row, {})[name] = _mean(pairs, row, f"x{SCALE}")
            report(f"{name}: {row.label}")
    return table


def degradation_grid(folder: Path, rows: Sequence[Row], report: Say) -> Table:
    """Figures of the input and of each row's profile `photo` in each cell of the grid."""
    references = read_folder(folder)
    table: Table = {}
    for cell, degradation in GRID.items():
        pairs = pairs_of(references, *degradation)
        for row in (INPUT, *rows):
            table.setdefault(row, {})[cell] = _mean(pairs, row, "photo")
        report(f"{name_of(folder)}: {cell}")
    return table


def sharpened(degraded: Pixels, row: Row, profile: str) -> Pixels:
    """What a row makes of uint8 H x W x 3 pixels."""
    enhancer = row.make(profile)
    return degraded if enhancer is None else in_8_bits(sharpen(Image(degraded, "RGB"), enhancer).pixels)


def pairs_of(references: Sequence[Pixels], scale: float, shifted: bool, jpeg: int | None) -> list[Pair]:
    """(input, reference) of each reference in one cell."""
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(lambda reference: pair(reference, scale, shifted, jpeg), references))


def _mean(pairs: Sequence[tuple[Pixels, Pixels]], row: Row, profile: str) -> Figures:
    def figures(pair: tuple[Pixels, Pixels]) -> Figures:
        return score_pixels(sharpened(pair[0], row, profile), pair[1], CONVENTION)

    # Threads: while the engine works on one image, others are scored.
    with ThreadPoolExecutor(cores()) as pool:
        each = list(pool.map(figures, pairs))
    return {metric: fmean(one[metric] for one in each) for metric in each[0]}


def finite(value: float) -> float | None:
    """A figure as JSON can hold it: None for the infinite PSNR of equal images."""
    return round(value, 4) if math.isfinite(value) else None
