"""Files of one size for phones and boards: written aside, run against the ONNX file, and only then put in place."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from sharpcli.errors import SharpError
from sharpcli.files.atomic import in_place, unfinished_folder
from sharpcli.inference.runtime import load_model
from sharpcli_training.export.formats import Job, Written
from sharpcli_training.export.stack import Floats, StudentStack

LEAST = 50.0
"""dB against the ONNX file, with 1 as the peak: less than a level of 255 on nearly every pixel."""
BLUR = (3, 6, 7)
"""Where the vector has sigma, half of a radius, a quarter of a length."""
Session = Callable[[Floats], Floats]
"""A loaded file: from a plane of its size to one."""


@dataclass(frozen=True)
class Target:
    """A format that has one file, or two, of one size."""

    save: Callable[[StudentStack, int, int, Path, bool], None]
    """Writes a plain student for height and width to a path, its weights in half precision if that is asked for."""
    session: Callable[[Path, int], Session]
    """Loads what was written, for so many threads."""
    endings: tuple[str, ...]
    """The first is that of the file which is loaded; the others come with it."""
    package: str
    """What pip installs to write and run the format."""
    writes_alone: bool = False
    """Whether files can be written without that package."""
    how: str = ""
    """How the result was computed, where that is not the format's own way."""


def export(student: StudentStack, stem: Path, job: Job, target: Target) -> list[Written]:
    """Write, check and put in place; raises SharpError where the package is missing or the result is another image."""
    assert job.size is not None
    width, height = job.size
    runs = find_spec(target.package.replace("-", "_")) is not None
    if not (runs or target.writes_alone):
        raise SharpError(f"this format needs one more package; run: pip install {target.package}")
    stem.parent.mkdir(parents=True, exist_ok=True)
    with unfinished_folder(stem.parent) as folder:
        made = [folder / f"{stem.name}{ending}" for ending in target.endings]
        target.save(student, height, width, made[0], job.precision == "fp16")
        note = f"not checked, for that: pip install {target.package}"
        if runs:
            found = _parity(target, made[0], job)
            note = (f"{found:.1f} dB against ONNX" if math.isfinite(found) else "the same as ONNX") + target.how
        for file in made:
            _place(file, stem.parent / file.name)
    first, *rest = (stem.parent / file.name for file in made)
    return [Written(first, note), *map(Written, rest)]


def decibels(result: Floats, reference: Floats) -> float:
    """Peak signal-to-noise ratio of two planes in [0, 1]; infinite if they are equal."""
    error = float(np.mean((result.astype(np.float64) - reference) ** 2))
    return -10 * float(np.log10(error)) if error else float("inf")


def picture(height: int, width: int, vector: tuple[float, ...] = ()) -> Floats:
    """A plane in [0, 1] of discs, one over another: edges of all sizes as in a photograph, as blurred as told."""
    random = np.random.default_rng(0)
    plane = np.full((height, width), 0.5)
    for _ in range(max(400, height * width // 500)):
        radius = float(np.clip(3 / random.random() ** 0.7, 3, height / 4))
        row, column, grey = random.random() * height, random.random() * width, random.random()
        top, left = max(int(row - radius), 0), max(int(column - radius), 0)
        part = plane[top : int(row + radius) + 2, left : int(column + radius) + 2]
        rows, columns = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
        part[(rows - row) ** 2 + (columns - column) ** 2 <= radius**2] = grey
    # Deblurring what is sharp leaves the range of images, and what INT8 was made for.
    sigma = max((1.15, *(vector[index] for index in BLUR if vector)))
    for _ in range(round(1.5 * sigma**2)):  # each mean of three has a variance of 2/3
        for axis in (0, 1):
            plane = (np.roll(plane, 1, axis) + plane + np.roll(plane, -1, axis)) / 3
    return plane.astype(np.float32)


def reference(job: Job, plane: Floats) -> Floats:
    """What the ONNX file makes of a plane, told the vector if there is one."""
    inputs = {"pixels": plane[None, None]}
    if job.vector:
        inputs["degradation"] = np.array([job.vector], np.float32)
    return np.asarray(load_model(job.onnx)(inputs)[0, 0], np.float32)


def _parity(target: Target, file: Path, job: Job) -> float:
    assert job.size is not None
    plane = picture(job.size[1], job.size[0], job.vector)
    found = decibels(target.session(file, 1)(plane), reference(job, plane))
    if not found >= LEAST:
        instead = "; use --precision fp32" if job.precision == "int8" else ""
        raise SharpError(
            f"{file.name} is {found:.1f} dB from what {job.onnx.name} gives, {LEAST:g} are needed, so it was not "
            f"written{instead}"
        )
    return found


def _place(file: Path, target: Path) -> None:
    if not file.is_dir():
        in_place(file, target)
        return
    shutil.rmtree(target, ignore_errors=True)
    file.replace(target)
