"""How close a backend of the browser edition comes to the command line: the same images through both."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edging.browser import ROOT, Harness
from sharpcli.image.read import read_image
from sharpcli.inference.conditioned import ConditionedEnhancer
from sharpcli.plugin.registry import load_registry
from sharpcli_training.export.formats import FORMATS
from sharpcli_training.export.students import Wish, export_students
from sharpcli_training.export.told import vector_of

STUDENTS = ("student-live", "student")
WEIGHTS = {"fp32": ("float", "half"), "int8": ("float", "half", "int8")}
"""Which precisions a backend may compute these weights in."""
SIDES = 65, 80
"""Of a crop; odd sides are the harder ones."""
TOLD = {
    "deblur": (
        {"kind": "gaussian", "blur": "2"},
        {"kind": "defocus", "blur": "3"},
        {"kind": "motion", "blur": "8", "noise": "3"},
        {"kind": "gaussian", "blur": "1", "light": "linear"},
        {"noise": "6"},
    ),
    "call": ({"coding": "4"}, {"coding": "8", "enlarged": "2"}, {"coding": "2", "enlarged": "1.5"}),
}
"""What conditioned students are told, in turn."""

Pixels = NDArray[np.uint8]


@dataclass
class Cell:
    """One student and profile, weights and precision, over all images."""

    student: str
    profile: str
    weights: str
    precision: str
    most: int = 0
    """Levels by which a value differs at most."""
    differing: list[float] = field(default_factory=list)
    """Share of values that differ at all, by image."""
    decibels: list[float] = field(default_factory=list)
    """PSNR against the command line's result, by image."""
    changed: list[float] = field(default_factory=list)
    """Levels that the enhancer changes a value by on average: what a share of differing ones is to be seen beside."""

    def add(self, before: Pixels, found: Pixels, reference: Pixels) -> None:
        """Take an image into account."""
        apart = np.abs(found.astype(int) - reference)
        self.most = max(self.most, int(apart.max()))
        self.differing.append(float((apart > 0).mean()))
        square = float((apart**2).mean())
        self.decibels.append(10 * math.log10(255**2 / square) if square else math.inf)
        self.changed.append(float(np.abs(reference.astype(int) - before).mean()))


def crops(count: int) -> list[Pixels]:
    """So many pieces of the project's own blurry photographs and frames, with odd and even sides."""
    files = sorted(path for path in (ROOT / "examples" / "blurry").iterdir() if path.suffix in (".jpg", ".png"))
    found = []
    for index in range(count):
        # Three channels of gray where it is gray, as browsers have it.
        pixels = np.asarray(read_image(files[index % len(files)]).pixels)[..., :3]
        pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
        height, width = (side - index // len(files) % 3 for side in SIDES)
        room = np.array(pixels.shape[:2]) - (height, width)
        top, left = (room * ((index * 0.38) % 1, (index * 0.62) % 1)).astype(int)
        found.append(np.ascontiguousarray(pixels[top : top + height, left : left + width]))
    return found


def export_networks(folder: Path, students: Sequence[str] = STUDENTS) -> None:
    """Write the model files, FP32 and INT8, of students with all their profiles."""
    for precision in WEIGHTS:
        list(export_students(students, FORMATS["webgpu"], folder, Wish(precision)))


def enhancer(student: str, profile: str, weights: str, vector: tuple[float, ...] = ()) -> ConditionedEnhancer:
    """What the command line would run."""
    made = load_registry().get(student).create({"profile": profile, "precision": weights})
    assert isinstance(made, ConditionedEnhancer)
    return replace(made, vector=vector) if vector else made


def measured(
    harness: Harness, images: Sequence[Pixels], students: Sequence[str] = STUDENTS, profiles: Sequence[str] = ()
) -> Iterator[Cell]:
    """A cell for each student, profile, weights and precision that the open backend has."""
    for student in students:
        for profile in profiles or load_registry().get(student).profiles:
            for weights, precisions in WEIGHTS.items():
                cells = [
                    Cell(student, profile, weights, one) for one in precisions if one in harness.backend["precisions"]
                ]
                fill(harness, cells, images)
                yield from cells


def fill(harness: Harness, cells: Sequence[Cell], images: Sequence[Pixels]) -> None:
    """Run the images through cells of the same weights."""
    student, profile, weights = cells[0].student, cells[0].profile, cells[0].weights
    told = TOLD.get(profile, ({},))
    turns = sorted(((index % len(told), image) for index, image in enumerate(images)), key=lambda turn: turn[0])
    for number, group in groupby(turns, key=lambda turn: turn[0]):
        vector = vector_of(told[number], profile == "call") if profile in TOLD else ()
        runner = enhancer(student, profile, weights, vector)
        some = [image for _, image in group]
        references = [np.asarray(runner.enhance(image)) for image in some]
        for cell in cells:
            harness.compile(f"{runner.file().stem}.bin", cell.precision, vector)
            for image, reference in zip(some, references, strict=True):
                cell.add(image, harness.image(image), reference)
