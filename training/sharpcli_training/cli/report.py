"""`sharpcli train report`: write the page of figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sharpcli.cli.stdout import Command, echo
from sharpcli.errors import SharpError
from sharpcli_training.cli.evaluate import FILE_PATH, FOLDER, say, shared_options


@click.command(cls=Command, short_help="Write the benchmark page.")
@click.argument("folders", metavar="[FOLDER]...", nargs=-1, type=FOLDER)
@shared_options
@click.option(
    "--grid", "grids", multiple=True, type=FOLDER, help="Folder to evaluate on the degradation grid. Can be repeated."
)
@click.option(
    "--wide",
    multiple=True,
    metavar="FOLDER[:N]",
    type=FOLDER,
    help="Folder for the wide grid of blur, noise and compression; with :N, every Nth image. All of them make one "
    "table of the students and what else -e asks for. Can be repeated.",
)
@click.option(
    "--leave-out",
    "left_out",
    multiple=True,
    metavar="FOLDER:ENHANCER",
    help="Skip this enhancer on the grids of this folder. Can be repeated.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="REGION",
    help="Measure this part of the page alone and leave the rest as it is: x2, int8, published, plot, grid, wide, cost "
    "or startup. Can be repeated.",
)
@click.option(
    "--rounds",
    metavar="N",
    default=5,
    type=click.IntRange(0),
    show_default=True,
    help="Number of timed runs; 0 for no timing.",
)
@click.option("--crops/--no-crops", default=True, help="Also write crops.md and its images.  [default: on]")
@click.option(
    "-o",
    "--out",
    metavar="FILE",
    required=True,
    type=FILE_PATH,
    help="The page to write. Text outside the markers is kept.",
)
def report(
    folders: tuple[Path, ...],
    enhancers: tuple[str, ...],
    grids: tuple[Path, ...],
    left_out: tuple[str, ...],
    only: tuple[str, ...],
    **how: Any,
) -> None:
    """Write the benchmark page: test sets, published results, plot, grids of degradations, costs and crops.

    FOLDERs are the test sets for x2; only what is measured on them needs them.
    """
    from sharpcli_training.evaluation.rows import NETWORKS, rows_of
    from sharpcli_training.report.plan import ReportPlan
    from sharpcli_training.report.report import write_report

    pairs = [tuple(text.rsplit(":", 1)) for text in left_out]
    if any(len(pair) != 2 for pair in pairs):
        raise SharpError("--leave-out must be FOLDER:ENHANCER, as in BSD100:teacher")
    spared = frozenset((folder, name) for folder, name in pairs)
    rows = rows_of(enhancers or NETWORKS)
    plan = ReportPlan(folders=folders, grids=grids, rows=rows, left_out=spared, only=frozenset(only), **how)
    for path in write_report(plan, say):
        echo(f"-> {path}")
