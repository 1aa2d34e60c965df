"""`sharpcli train evaluate`, `report` and `arms`: score installed enhancers and training runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sharpcli.errors import SharpError
from sharpcli_training.extras import need_torch

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE_PATH = click.Path(path_type=Path, dir_okay=False)


def _shared_options(function: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=FOLDER),
        click.option(
            "-e",
            "--enhancer",
            "enhancers",
            multiple=True,
            metavar="NAME[:OPTION=VALUE,...]",
            help="Enhancer to evaluate. If it has an option `precision`, each precision is evaluated. "
            "Can be repeated.  [default: the three networks]",
        ),
        click.option("--cards", is_flag=True, help="Write the scores to the cards of the weights."),
    ]
    for decorate in reversed(options):
        function = decorate(function)
    return function


def _say(line: str) -> None:
    click.echo(line, err=True)


@click.command(short_help="Score the installed enhancers on reference images.")
@_shared_options
@click.option("--grid", is_flag=True, help="Evaluate profile photo on the degradation grid instead of x2.")
@click.option(
    "--rounds",
    metavar="N",
    default=0,
    type=click.IntRange(0),
    help="Number of timed runs on a 1920x1080 image.  [default: 0, no timing]",
)
@click.option("-o", "--out", metavar="FILE", type=FILE_PATH, help="Also write the table to a Markdown file.")
def evaluate(
    folders: tuple[Path, ...], enhancers: tuple[str, ...], cards: bool, grid: bool, rounds: int, out: Path | None
) -> None:
    """Score the installed enhancers on folders of reference images, through the same pipeline as `enhance`."""
    from sharpcli.scoring.score import CONVENTIONS
    from sharpcli_training.evaluation import tables
    from sharpcli_training.evaluation.cards import write_cards
    from sharpcli_training.evaluation.evaluate import CONVENTION, degradation_grid, folder_names, test_sets
    from sharpcli_training.evaluation.rows import NETWORKS, UNSHARP, rows_of
    from sharpcli_training.evaluation.timing import time_rows

    rows = rows_of(enhancers or NETWORKS)
    text = f"Convention {CONVENTIONS[CONVENTION]}.\n"
    if grid:
        for name, folder in zip(folder_names(folders), folders, strict=True):
            table = degradation_grid(folder, rows, _say)
            text += f"\n{name}, profile photo, PSNR in dB / SSIM: the input's own, then the gain over it.\n\n"
            text += tables.grid_markdown(table)
            if cards:
                write_cards(table, f"{name} degradation grid", "photo")
    else:
        table = test_sets(folders, rows, _say)
        seconds = time_rows((UNSHARP, *rows), "x2", rounds) if rounds else {}
        text += "\nPSNR in dB / SSIM.\n\n" + tables.sets_markdown(table, seconds)
        if cards:
            write_cards(table, "x2", "x2")
    _publish(text, out)


@click.command(short_help="Compare the arms of an ablation.")
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=FOLDER)
@click.option(
    "--arm",
    "arms",
    multiple=True,
    required=True,
    metavar="NAME=RUN,RUN",
    help="Name of an arm and its runs, which differ only in the seed.",
)
@click.option("-o", "--out", metavar="FILE", type=FILE_PATH, help="Also write the table to a Markdown file.")
def arms(folders: tuple[Path, ...], arms: tuple[str, ...], out: Path | None) -> None:
    """Compare the arms of an ablation on folders of reference images."""
    need_torch()
    from sharpcli_training.evaluation.ablation import compare_arms

    named = {name: [Path(run) for run in runs.split(",")] for name, _, runs in (arm.partition("=") for arm in arms)}
    _publish(compare_arms(named, folders, _say), out)


def _publish(text: str, out: Path | None) -> None:
    click.echo(text)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")


@click.command(short_help="Write the benchmark page.")
@_shared_options
@click.option(
    "--grid", "grids", multiple=True, type=FOLDER, help="Folder to evaluate on the degradation grid. Can be repeated."
)
@click.option(
    "--leave-out",
    "left_out",
    multiple=True,
    metavar="FOLDER:ENHANCER",
    help="Skip this enhancer on this folder's grid. Can be repeated.",
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
    **how: Any,
) -> None:
    """Write the benchmark page: test sets, published results, plot, degradation grids, costs and crops."""
    from sharpcli_training.evaluation.rows import NETWORKS, rows_of
    from sharpcli_training.report.plan import ReportPlan
    from sharpcli_training.report.report import write_report

    pairs = [tuple(text.rsplit(":", 1)) for text in left_out]
    if any(len(pair) != 2 for pair in pairs):
        raise SharpError("--leave-out must be FOLDER:ENHANCER, as in BSD100:teacher")
    spared = frozenset((folder, name) for folder, name in pairs)
    plan = ReportPlan(folders=folders, grids=grids, rows=rows_of(enhancers or NETWORKS), left_out=spared, **how)
    for path in write_report(plan, _say):
        click.echo(f"-> {path}")
