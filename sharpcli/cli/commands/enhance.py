"""`sharpcli enhance`: sharpen images and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sharpcli.batch.job import sharpening
from sharpcli.cli.batch import run_batch
from sharpcli.cli.options import batch_options, format_option
from sharpcli.errors import SharpError
from sharpcli.pipeline.spec import create_enhancer


@click.command()
@batch_options
@format_option(None)
@click.option("-e", "--enhancer", default="student", show_default=True, help="See `sharpcli enhancers`.")
@click.option("-O", "--option", "settings", multiple=True, metavar="NAME=VALUE", help="An option of the enhancer.")
@click.option("--upscale", type=click.FloatRange(1, 8), default=1, show_default=True, help="Enlarge first, by bicubic.")
@click.option("--strength", type=click.FloatRange(0, 1), default=1, show_default=True, help="0 input, 1 full effect.")
def command(
    inputs: tuple[Path, ...],
    out: Path | None,
    enhancer: str,
    settings: tuple[str, ...],
    upscale: float,
    strength: float,
    **running: Any,
) -> None:
    """Sharpen images and folders of images.

    Results keep the names and subfolders of their inputs, below --out or beside them in NAME-sharp. Inputs are never
    touched. A repeated run goes on where the last one stopped.
    """
    job, made = sharpening(create_enhancer(enhancer, _parsed(settings), upscale), upscale, strength)
    run_batch(job, made, inputs, out, suffix="-sharp", **running)


def _parsed(settings: tuple[str, ...]) -> dict[str, str]:
    parsed = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise SharpError(f"an option is given as NAME=VALUE, not {setting!r}")
        parsed[name] = value
    return parsed
