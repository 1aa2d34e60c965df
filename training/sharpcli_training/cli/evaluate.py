"""`sharpcli train evaluate`: score installed enhancers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sharpcli.cli.stdout import Command, echo
from sharpcli.errors import SharpError

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE_PATH = click.Path(path_type=Path, dir_okay=False)


def shared_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Enhancers and cards, of the commands that score what is installed."""
    options = [
        click.option(
            "-e",
            "--enhancer",
            "enhancers",
            multiple=True,
            metavar="NAME[:OPTION=VALUE,...]",
            help="Enhancer to evaluate. If it has an option `precision`, each precision is evaluated. "
            "Can be repeated.  [default: student-live, student and teacher]",
        ),
        click.option("--cards", is_flag=True, help="Write the scores to the cards of the weights."),
    ]
    for decorate in reversed(options):
        function = decorate(function)
    return function


def say(line: str) -> None:
    """Tell how far it is, beside the table."""
    click.echo(line, err=True)


@click.command(cls=Command, short_help="Score the installed enhancers on reference images.")
@click.argument("folders", metavar="FOLDER[:N]...", nargs=-1, required=True, type=FOLDER)
@shared_options
@click.option("--grid", is_flag=True, help="Evaluate profile photo on the degradation grid instead of x2.")
@click.option(
    "--wide",
    is_flag=True,
    help="Evaluate the default profiles on blur, noise, enlargement and compression instead of x2, all folders in one "
    "table. FOLDER:N takes every Nth image. Enhancers run once, with the precision that this machine uses.  "
    "[default enhancers: the students]",
)
@click.option("--told", is_flag=True, help="With --wide: once more with the degradation given as options.")
@click.option("--classics", is_flag=True, help="With --wide: unsharp masks and Richardson-Lucy as well.")
@click.option("--metrics", is_flag=True, help="With --wide: SSIM, MS-SSIM and sharpness recovered as well.")
@click.option("--only", "cells", multiple=True, metavar="CELL", help="With --wide: this row alone. Can be repeated.")
@click.option(
    "--rounds",
    metavar="N",
    default=0,
    type=click.IntRange(0),
    help="Number of timed runs on a 1920x1080 image.  [default: 0, no timing]",
)
@click.option("-o", "--out", metavar="FILE", type=FILE_PATH, help="Also write the table to a Markdown file.")
def evaluate(
    folders: tuple[Path, ...],
    enhancers: tuple[str, ...],
    cards: bool,
    grid: bool,
    wide: bool,
    rounds: int,
    out: Path | None,
    **how: Any,
) -> None:
    """Score the installed enhancers on folders of reference images, through the same pipeline as `enhance`."""
    from sharpcli.scoring.score import CONVENTIONS
    from sharpcli_training.evaluation.evaluate import CONVENTION

    out = out.absolute() if out else None  # an enhancer may change the working folder
    if wide and (grid or rounds):
        raise SharpError(f"--wide and {'--grid' if grid else '--rounds'} cannot be combined")
    if not wide and any(how.values()):
        raise SharpError("--told, --classics, --metrics and --only are about the wide grid; add --wide")
    if wide:
        text = _wide(folders, enhancers, cards, **how)
    elif grid:
        text = _grid(folders, enhancers, cards)
    else:
        text = _sets(folders, enhancers, cards, rounds)
    publish(f"Convention {CONVENTIONS[CONVENTION]}.\n\n{text}", out)


def _sets(folders: tuple[Path, ...], enhancers: tuple[str, ...], cards: bool, rounds: int) -> str:
    from sharpcli_training.evaluation import tables
    from sharpcli_training.evaluation.cards import write_cards
    from sharpcli_training.evaluation.evaluate import test_sets
    from sharpcli_training.evaluation.rows import NETWORKS, UNSHARP, rows_of
    from sharpcli_training.evaluation.timing import time_rows

    rows = rows_of(enhancers or NETWORKS)
    table = test_sets(folders, rows, say)
    seconds = time_rows((UNSHARP, *rows), "x2", rounds) if rounds else {}
    if cards:
        write_cards(table, "x2", "x2")
    return "PSNR in dB / SSIM.\n\n" + tables.sets_markdown(table, seconds)


def _grid(folders: tuple[Path, ...], enhancers: tuple[str, ...], cards: bool) -> str:
    from sharpcli_training.evaluation import tables
    from sharpcli_training.evaluation.cards import write_cards
    from sharpcli_training.evaluation.evaluate import degradation_grid, folder_names
    from sharpcli_training.evaluation.rows import NETWORKS, rows_of

    rows = rows_of(enhancers or NETWORKS)
    parts = []
    for name, folder in zip(folder_names(folders), folders, strict=True):
        table = degradation_grid(folder, rows, say)
        head = f"{name}, profile photo, PSNR in dB / SSIM: the input's own, then the gain over it.\n\n"
        parts.append(head + tables.grid_markdown(table))
        if cards:
            write_cards(table, f"{name} degradation grid", "photo")
    return "\n".join(parts)


def _wide(
    folders: tuple[Path, ...],
    enhancers: tuple[str, ...],
    cards: bool,
    metrics: bool,
    cells: tuple[str, ...],
    **how: Any,
) -> str:
    from sharpcli.pipeline.spec import distinct
    from sharpcli.scoring.score import chosen_metrics
    from sharpcli_training.evaluation.rows import Row
    from sharpcli_training.evaluation.wide.cards import write_wide_cards
    from sharpcli_training.evaluation.wide.cells import chosen_cells
    from sharpcli_training.evaluation.wide.measure import METRICS, STUDENTS, WidePlan, wide_grid
    from sharpcli_training.evaluation.wide.tables import wide_text

    if cards and cells:
        raise SharpError("--cards wants the whole wide grid; leave out --only")
    names = METRICS if metrics else METRICS[: 2 if cards else 1]
    rows = distinct(map(Row.parse, enhancers or STUDENTS))
    plan = WidePlan(folders, rows, chosen_metrics(names), cells=chosen_cells(cells), **how)
    table = wide_grid(plan, say)
    if cards:
        write_wide_cards(table)
    return wide_text(plan, table)


def publish(text: str, out: Path | None) -> None:
    """Print tables, and write them to a file where one is asked for."""
    echo(text)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
