"""`sharpcli train arms`: score training runs against each other."""

from __future__ import annotations

from pathlib import Path

import click

from sharpcli_training.cli.evaluate import FILE_PATH, FOLDER, publish, say
from sharpcli_training.extras import need_torch


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
    publish(compare_arms(named, folders, say), out)
