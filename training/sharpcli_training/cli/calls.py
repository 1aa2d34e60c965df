"""`sharpcli train calls`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sharpcli.cli.numbers import Number
from sharpcli_training.cli.evaluate import FOLDER
from sharpcli_training.extras import need


@click.command(short_help="Make a training pack of frames that went through video calls.")
@click.argument("clips", type=FOLDER)
@click.argument("stills", type=FOLDER, required=False)
@click.option("-o", "--out", required=True, type=FOLDER, help="Folder for the pack.")
@click.option("--runs", default=900, show_default=True, type=click.IntRange(1), help="Number of clips coded.")
@click.option("--quality", default=90, show_default=True, type=click.IntRange(1, 100), help="Of the references.")
@click.option("--max-mib", default=46.0, show_default=True, type=Number(min=0), help="Largest size.")
@click.option("--seed", metavar="N", default=0, show_default=True, help="Random seed.")
def calls(clips: Path, stills: Path | None, out: Path, **plan: Any) -> None:
    """Code clips, and stills that pan and zoom, as calls do; store two consecutive frames of each for `run`."""
    need("av")
    from sharpcli.cli.progress import progress_bar
    from sharpcli_training.data.calls import CallPlan, make_calls

    bar = progress_bar()
    task = bar.add_task("runs", total=plan["runs"])
    with bar:
        counts = make_calls(clips, stills, out, CallPlan(**plan), lambda done, _: bar.update(task, completed=done))
    click.echo(f"{counts['train']} runs of frames to train on, {counts['val']} held out -> {out}")
