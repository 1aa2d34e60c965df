"""`sharpcli train calls`."""

from __future__ import annotations

from pathlib import Path

import click

from sharpcli_training.cli.evaluate import FOLDER
from sharpcli_training.extras import need


@click.command(short_help="Make a training pack of frames that went through video calls.")
@click.argument("clips", type=FOLDER)
@click.argument("stills", type=FOLDER, required=False)
@click.option("-o", "--out", required=True, type=FOLDER, help="Folder for the pack.")
@click.option(
    "--runs", metavar="N", default=700, show_default=True, type=click.IntRange(1), help="Number of clips coded."
)
@click.option("--crops", metavar="N", default=8, show_default=True, type=click.IntRange(1), help="Crops of each.")
@click.option("--seed", metavar="N", default=0, show_default=True, help="Random seed.")
def calls(clips: Path, stills: Path | None, out: Path, runs: int, crops: int, seed: int) -> None:
    """Code clips, and stills that pan and zoom, as calls do, and store crops of consecutive frames as a pack."""
    need("av")
    from sharpcli.cli.progress import progress_bar
    from sharpcli_training.data.calls import CallPlan, make_calls

    bar = progress_bar()
    task = bar.add_task("runs", total=runs)
    with bar:
        counts = make_calls(
            clips, stills, out, CallPlan(runs, crops, seed), lambda done, _: bar.update(task, completed=done)
        )
    click.echo(f"{counts['train']} training and {counts['val']} validation pairs -> {out}")
