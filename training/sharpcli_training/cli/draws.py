"""`sharpcli train draws`: what training degrades images to, to look at."""

from __future__ import annotations

from pathlib import Path

import click

from sharpcli_training.cli.evaluate import FILE_PATH, FOLDER
from sharpcli_training.extras import need


@click.command()
@click.option("--pack", required=True, type=FOLDER, help="A pack made by `originals`, with colour images.")
@click.option("--seed", default=0, show_default=True, help="Of what is drawn.")
@click.option("-o", "--out", required=True, type=FILE_PATH, help="Image file to write the sheet to.")
def draws(pack: Path, seed: int, out: Path) -> None:
    """Show 60 degradations that `run` would train on: originals, and what became of them."""
    need("torch")
    import torch

    from sharpcli_training.data.resident import Resident
    from sharpcli_training.report.draw_sheet import draw_sheet

    count = draw_sheet(Resident.of(pack, "train", True, torch.device("cpu")), out, seed)
    click.echo(f"{count} pairs -> {out}")
