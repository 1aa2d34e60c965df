"""Measures the wide grid: degraded images, what enhancers make of them by the application's path, and the classics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from sharpcli.image.image import Image, Pixels, in_8_bits
from sharpcli.measure.cores import cores
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.metric import Metric
from sharpcli.plugin.registry import load_registry
from sharpcli.scoring.metrics import Psnr
from sharpcli_training.evaluation.evaluate import Figures, Say, folder_names
from sharpcli_training.evaluation.rows import Row
from sharpcli_training.evaluation.wide.cells import Cell, chosen_cells
from sharpcli_training.evaluation.wide.classics import FIXED, best, classical
from sharpcli_training.evaluation.wide.figures import SHARPNESS, CellFigures, figures, means, sharpness
from sharpcli_training.evaluation.wide.references import read_references

STUDENTS = ("student-live", "student", "student-large")
"""Who is measured if nobody is asked for: the teacher would take an hour."""
METRICS = ("psnr", "ssim", "ms-ssim")
K = TypeVar("K")


@dataclass(frozen=True)
class WidePlan:
    """What to measure on every image of all folders (`FOLDER` or `FOLDER:N`) together.

    Enhancers, told what happened as well where they can be, and the classics.
    """

    folders: tuple[Path, ...]
    rows: tuple[Row, ...]
    metrics: tuple[Metric, ...]
    told: bool = False
    classics: bool = False
    cells: tuple[Cell, ...] = field(default_factory=partial(chosen_cells, ()))


@dataclass(frozen=True)
class _One:
    """The figures of one image."""

    input: Figures
    found: Mapping[Row, Figures]
    told: Mapping[Row, Figures | None]
    classics: Mapping[str, Figures | None]


def wide_grid(plan: WidePlan, say: Say) -> list[CellFigures]:
    """The mean figures of each cell.

    Raises SharpError for a folder without images and for two folders of one name.
    """
    folder_names(plan.folders)
    references = [image for folder in plan.folders for image in read_references(folder, metrics=plan.metrics)]
    table = []
    for cell in plan.cells:
        table.append(measured_cell(cell, plan, references))
        say(f"wide grid: {cell.name}")
    return table


def measured_cell(cell: Cell, plan: WidePlan, references: Sequence[Pixels]) -> CellFigures:
    """The mean figures of degraded images and of what each method makes of them."""
    found = {row: row.create() for row in plan.rows}
    tellable = [row for row in plan.rows if plan.told and can_be_told(row)]
    told = {row: _told(row, cell) for row in tellable}

    def one(reference: Pixels) -> _One:
        degraded = cell.chain(reference)

        def judged(result: Pixels, metrics: Sequence[Metric] = plan.metrics) -> Figures:
            return figures(result, reference, metrics)

        def peer(name: str, result: Pixels | None) -> Figures | None:
            # The best of what is tried is chosen, and shown, by PSNR alone; SSIM would take most of the time.
            return None if result is None else judged(result, plan.metrics if name in FIXED else (Psnr(),))

        peers = classical(cell.chain.blur, degraded) if plan.classics else ()
        return _One(
            judged(degraded),
            {row: judged(_sharpened(degraded, enhancer)) for row, enhancer in found.items()},
            {row: judged(_sharpened(degraded, enhancer)) if enhancer else None for row, enhancer in told.items()},
            {name: peer(name, result) for name, result in peers},
        )

    # Threads, as where the test sets are measured: while the engine works on one image, others are scored.
    with ThreadPoolExecutor(cores()) as pool:
        each = list(pool.map(one, references))
    return CellFigures(
        cell.name,
        means({SHARPNESS: sharpness(reference)} for reference in references),
        means(one.input for one in each),
        {row: means(one.found[row] for one in each) for row in found},
        _means([one.told for one in each]),
        best(_means([one.classics for one in each])),
    )


def can_be_told(row: Row) -> bool:
    """Whether an enhancer has the options that say what happened to an image."""
    return "kind" in {declared.name for declared in load_registry().get(row.name).options()}


def _told(row: Row, cell: Cell) -> Enhancer | None:
    return create_enhancer(row.name, {**dict(row.options), **cell.told}) if cell.told else None


def _sharpened(degraded: Pixels, enhancer: Enhancer) -> Pixels:
    return in_8_bits(sharpen(Image(degraded, "RGB"), enhancer).pixels)


def _means(each: Sequence[Mapping[K, Figures | None]]) -> dict[K, Figures | None]:
    """The means by method, None where one could not be asked."""
    known = {name: [figures for one in each if (figures := one[name])] for name in each[0]}
    return {name: means(every) if every else None for name, every in known.items()}
