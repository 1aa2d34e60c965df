"""`sharpcli degrade`: make blurry test images from sharp ones."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from sharpcli.batch.job import Job
from sharpcli.cli.batch import run_batch
from sharpcli.cli.options import batch_options, format_option
from sharpcli.image.image import Image
from sharpcli.image.resample import degrade


@click.command()
@batch_options
@format_option("png")
@click.option(
    "--scale",
    metavar="FACTOR",
    type=click.FloatRange(1, 16),
    default=2,
    show_default=True,
    help="Factor to shrink and enlarge by.",
)
@click.option(
    "--jpeg",
    metavar="QUALITY",
    type=click.IntRange(1, 100),
    help="Compress the small image as JPEG of this quality.",
)
def command(inputs: tuple[Path, ...], out: Path | None, scale: float, jpeg: int | None, **running: Any) -> None:
    """Make blurry test images from sharp ones.

    Shrinks each image by --scale and enlarges it to its original size, both with bicubic interpolation. Together with
    the originals, the results are pairs for `score`. Results are PNG unless --format is given, because a lossy format
    would degrade them further.
    """
    made = {"command": "degrade", "scale": scale, "jpeg": jpeg}
    run_batch(Job(partial(_degraded, scale=scale, jpeg=jpeg)), made, inputs, out, suffix="-degraded", **running)


def _degraded(image: Image, scale: float, jpeg: int | None, **_: Any) -> Image:
    return replace(image, pixels=degrade(image.pixels, scale, image.mode, jpeg))
