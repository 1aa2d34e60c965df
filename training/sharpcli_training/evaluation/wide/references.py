"""The sharp images of the wide grid: those of FOLDER, or of FOLDER:N every Nth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sharpcli.errors import ImageError, SharpError
from sharpcli.image.image import Pixels
from sharpcli.plugin.metric import Metric
from sharpcli.scoring.metrics import STANDARD
from sharpcli.scoring.score import check_size, read_rgb
from sharpcli_training.data.sources import find_images
from sharpcli_training.evaluation.evaluate import CONVENTION

SIDE = 768
"""The largest side in pixels; more takes time, and shows no more of a degradation that is alike everywhere."""
GRID = 12
"""What sides are multiples of, so that every scale of the cells fits."""


def read_references(folder: Path, side: int = SIDE, metrics: Sequence[Metric] = STANDARD) -> list[Pixels]:
    """The images, uint8 H x W x 3, cut from the upper left.

    Raises SharpError when there are none, and ImageError, which names the file, where one is too small for a metric.
    """
    return [_reference(path, side, metrics) for path in _files(folder)]


def described(folder: Path) -> str:
    """The folder in words: `one in 5 of the 100 images in BSD100`, `the 14 images in Set14`."""
    whole, every = _split(folder)
    images = f"the {len(list(find_images(whole)))} images in {whole.resolve().name}"
    return images if every == 1 else f"one in {every} of {images}"


def _files(folder: Path) -> list[Path]:
    whole, every = _split(folder)
    files = list(find_images(whole))[::every]
    if not files:
        raise SharpError(f"no images found in {whole}")
    return files


def _split(folder: Path) -> tuple[Path, int]:
    """A folder and how manyth image of it counts; one whose name really ends in :N is itself."""
    name, _, every = folder.name.rpartition(":")
    if folder.is_dir() or not (name and every.isascii() and every.isdigit() and int(every)):
        return folder, 1
    return folder.with_name(name), int(every)


def _reference(path: Path, side: int, metrics: Sequence[Metric]) -> Pixels:
    pixels = read_rgb(path)
    height, width = (min(length, side) // GRID * GRID for length in pixels.shape[:2])
    cut = np.ascontiguousarray(pixels[:height, :width])
    try:
        check_size(cut, CONVENTION, metrics)
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error
    return cut
