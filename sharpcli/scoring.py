"""Scores pictures against their originals: pairs, PSNR, SSIM, conventions, tables."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from sharpcli.errors import PictureError, SharpError
from sharpcli.formats import FORMATS
from sharpcli.pictures import Pixels, from_image, in_8_bits, to_image
from sharpcli.reading import read_picture
from sharpcli.tables import csv_lines

BORDER = 2
WINDOW = 11
CONVENTIONS = {
    "rgb": "rgb (PSNR and SSIM over R, G and B, 8 bits, whole picture)",
    "papers": f"papers (BT.601 luma 16-235, {BORDER} border pixels cut)",
}
# ITU-R BT.601 luma with studio swing, as MATLAB's rgb2ycbcr gives it and as super-resolution papers measure.
STUDIO_LUMA = np.array([65.481, 128.553, 24.966]) / 255


def measured(rgb: Pixels, convention: str) -> NDArray[np.float64]:
    """The values a convention compares: uint8 H x W x 3 to float64 in 8-bit levels, H x W x C."""
    if convention == "rgb":
        return rgb.astype(np.float64)
    values = rgb.astype(np.float64) @ STUDIO_LUMA + 16
    return values[BORDER:-BORDER, BORDER:-BORDER, None]


def psnr(result: NDArray[np.float64], reference: NDArray[np.float64]) -> float:
    """Peak signal-to-noise ratio in dB, peak 255; infinite for equal values."""
    error = float(np.mean((result - reference) ** 2))
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def ssim(result: NDArray[np.float64], reference: NDArray[np.float64]) -> float:
    """Structural similarity, mean over channels (Wang et al., 2004: 11 x 11 Gaussian window, sigma 1.5, range 255)."""
    return float(
        structural_similarity(  # type: ignore[no-untyped-call]
            result,
            reference,
            data_range=255,
            channel_axis=2,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


METRICS: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], float]] = {"psnr": psnr, "ssim": ssim}


Pair = tuple[str, Path, Path, Path | None]
"""Name, result, reference and, where given, untouched input."""


@dataclass(frozen=True)
class Score:
    """One picture's figures: `result`, and `input` (the untouched input's) where it was given; by metric name."""

    name: str
    result: Mapping[str, float]
    input: Mapping[str, float] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """Flat, with the gain beside each input figure."""
        row: dict[str, Any] = {"picture": self.name, **self.result}
        for metric, value in self.input.items():
            row |= {f"input_{metric}": value, f"gain_{metric}": gain(self.result[metric], value)}
        return row


def gain(result: float, untouched: float) -> float:
    """Result minus input; 0 when both are perfect."""
    return 0.0 if result == untouched else result - untouched


def score_pixels(result: Pixels, reference: Pixels, convention: str) -> dict[str, float]:
    """Every metric of uint8 H x W x 3 pixels; raises SharpError when the sizes differ or are too small for SSIM."""
    if result.shape != reference.shape:
        sizes = " but ".join(f"{p.shape[1]}x{p.shape[0]}" for p in (result, reference))
        raise SharpError(f"the sizes differ: {sizes} in the reference; score pictures of the same size")
    pair = measured(result, convention), measured(reference, convention)
    if min(pair[0].shape[:2]) < WINDOW:
        raise PictureError(f"is too small to be scored: SSIM's window has {WINDOW} x {WINDOW} pixels")
    return {name: metric(*pair) for name, metric in METRICS.items()}


def score_files(name: str, result: Path, reference: Path, untouched: Path | None, convention: str) -> Score:
    """The score of one pair of files; raises PictureError for a bad file, SharpError when sizes differ."""
    original = read_rgb(reference)

    def figures(path: Path) -> dict[str, float]:
        try:
            return score_pixels(read_rgb(path), original, convention)
        except SharpError as error:
            raise type(error)(f"{path}: {error}") from error

    return Score(name, figures(result), figures(untouched) if untouched else {})


def read_rgb(path: Path) -> Pixels:
    """The upright RGB pixels of a file, alpha left out; PictureError names the file."""
    try:
        picture = read_picture(path)
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from error
    return from_image(to_image(in_8_bits(picture.pixels), picture.mode).convert("RGB"))


def pair_folders(result: Path, reference: Path, untouched: Path | None) -> tuple[list[Pair], list[str]]:
    """(name, result, reference, input) of each result, paired by path without ending, and references with no result.

    Single files pair with each other whatever their names. Raises SharpError for a missing folder, for a result
    without reference or input, and for two files that differ only in their ending: guessing could score the wrong pair.
    """
    for path in (result, reference, untouched):
        if path is not None and not path.exists():
            raise SharpError(f"no such file or folder: {path}")
    if result.is_file() and reference.is_file():
        return [(result.stem, result, reference, untouched)], []
    results, references = _by_stem(result), _by_stem(reference)
    inputs = _by_stem(untouched) if untouched else None
    if not results:
        raise SharpError(f"no pictures found in {result}")
    for stem, path in results.items():
        for folder, others in ((reference, references), (untouched, inputs)):
            if others is not None and stem not in others:
                raise SharpError(f"{path} has no partner in {folder}; pairs need the same path, endings aside")
    pairs = [(stem, path, references[stem], inputs[stem] if inputs else None) for stem, path in results.items()]
    return pairs, [stem for stem in references if stem not in results]


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise SharpError(f"{folder} is a file; give two folders or two files")
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower().lstrip(".") in FORMATS and path.name[0] != ".":
            stem = path.relative_to(folder).with_suffix("").as_posix()
            if stem in found:
                raise SharpError(f"{found[stem]} and {path} differ only in their ending; keep one of them")
            found[stem] = path
    return found


def mean(scores: Sequence[Score]) -> Score:
    """The mean figures; raises SharpError when there are none."""
    if not scores:
        raise SharpError("nothing could be scored")

    def means(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
        return {metric: sum(part[metric] for part in parts) / len(parts) for metric in parts[0]}

    return Score("mean", means([s.result for s in scores]), means([s.input for s in scores]))


def as_csv(scores: Sequence[Score], convention: str) -> str:
    """One row a picture and the mean, the convention in a column of its own."""
    rows = [{**score.row(), "convention": convention} for score in (*scores, mean(scores))]
    return "".join(csv_lines(list(rows[0]), rows))


def as_json(scores: Sequence[Score], convention: str) -> str:
    """The same as JSON; an infinite PSNR (identical pictures) is null."""
    rows = [
        {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in s.row().items()
        }
        for s in (*scores, mean(scores))
    ]
    report = {"convention": convention, "definition": CONVENTIONS[convention], "pictures": rows[:-1], "mean": rows[-1]}
    return json.dumps(report, indent=2) + "\n"
