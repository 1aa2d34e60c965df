"""`sharpcli train originals` and `run`: everything that a plan makes, with one command on a GPU or a CPU.

Neither needs more than torch, NumPy, Pillow and onnx: what a rented machine has.
"""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from sharpcli.cli.numbers import Number
from sharpcli.errors import SharpError
from sharpcli_training.cli.evaluate import FILE_PATH, FOLDER
from sharpcli_training.extras import need


@click.command()
@click.argument("source", type=FOLDER)
@click.option("-o", "--out", required=True, type=FOLDER, help="Folder of the pack.")
@click.option("--photographs", type=FILE_PATH, help="CSV with the columns file and photograph.  [default: by names]")
@click.option("--share", "shares", multiple=True, metavar="FOLDER=SHARE", help="Take only a part of a folder's images.")
@click.option("--quality", default=90, show_default=True, type=click.IntRange(1, 100), help="Of the WebP images.")
@click.option("--max-mib", default=46.0, show_default=True, type=Number(min=0), help="Largest size.")
@click.option("--clips", type=FOLDER, help="Folder of video clips of which some frames are packed too.")
@click.option("--coded", default=0, type=click.IntRange(min=0), help="Images to pack as WebP and video frames too.")
@click.option("--seed", default=0, show_default=True, help="Of what the coded images go through.")
def originals(source: Path, out: Path, shares: tuple[str, ...], **plan: Any) -> None:
    """Pack the sharp images below SOURCE for `run`; one photograph in ten is held out.

    Crops of one photograph stay together: what they show is the name before the last _, unless a CSV says it. A clip
    counts as one photograph.
    """
    from sharpcli.cli.progress import progress_bar
    from sharpcli_training.data.originals import PackPlan, pack_originals

    if plan["clips"] is not None:
        need("av")
    if plan["coded"]:
        need("torch")
    video = _has_video()
    if plan["coded"] and not video:
        click.echo("without PyAV, coded images are WebP only; for video: pip install 'sharpcli[train]'", err=True)
    bar = progress_bar()
    task = bar.add_task("images", total=None)
    with bar:
        card = pack_originals(
            source,
            out,
            PackPlan(shares=dict(map(_share, shares)), video=video, **plan),
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    full = f"; more would be over {plan['max_mib']:g} MiB" if card["full"] else ""
    coded = ", ".join(f"{count} {codec}" for codec, count in card.get("coded", {}).items())
    click.echo(
        f"{card['train']} images to train on ({card['megapixels']} MPix), {card['val']} held out"
        f"{f', {coded}' if coded else ''} -> {out}{full}"
    )


@click.command()
@click.argument("plan")
@click.option("--pack", required=True, type=FOLDER, help="A pack made by `originals`.")
@click.option("--minutes", type=Number(min=0, min_open=True), help="For all runs.  [default: as planned]")
@click.option("-o", "--out", required=True, type=FOLDER, help="Folder of the files; unfinished runs there go on.")
@click.option("--save-every", default=60.0, show_default=True, type=Number(min=0), help="Seconds between checkpoints.")
def run(plan: str, pack: Path, minutes: float | None, out: Path, save_every: float) -> None:
    """Train every run of PLAN in order, each exported as soon as it ends.

    PLAN is photo-conditioned or a TOML file. Given again, the command goes on where it was interrupted.
    """
    need("torch", "onnx", "onnxscript")
    from sharpcli_training.export.conditioned import export_run
    from sharpcli_training.fit.conditioned.plan import load_plan
    from sharpcli_training.fit.conditioned.timed import Session, train_plan

    begun = time.monotonic()

    def say(line: str) -> None:
        click.echo(f"{time.monotonic() - begun:6.1f}  {line}")

    session = Session(load_plan(plan), pack, out, minutes, say)
    files = train_plan(session, export_run, save_every)
    click.echo(f"{len(files)} networks -> {out}")


def _has_video() -> bool:
    try:
        import_module("av")
    except ImportError:
        return False
    return True


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        part = float(share)
    except ValueError:
        part = -1
    if not 0 <= part <= 1:  # NaN is not either
        raise SharpError(f"--share wants FOLDER=SHARE, such as screens=0.5, not {text!r}")
    return name, part
