"""`sharpcli enhance`: sharpen images and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sharpcli.batch.job import sharpening
from sharpcli.cli.batch import run_batch
from sharpcli.cli.options import batch_options, format_option, strength_option, upscale_option
from sharpcli.cli.pipes import STREAMED, clip_in_a_pipe, run_pipe
from sharpcli.cli.stdout import Command
from sharpcli.errors import SharpError
from sharpcli.pipeline.spec import create_enhancer


@click.command(cls=Command)
@batch_options
@format_option(None, also=tuple(STREAMED))
@click.option(
    "-e",
    "--enhancer",
    metavar="NAME",
    default="student",
    show_default=True,
    help="Enhancer to use; see `sharpcli enhancers`.",
)
@click.option(
    "-O",
    "--option",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set an option of the enhancer. Can be repeated.",
)
@upscale_option
@strength_option
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

    Results keep the names and subfolders of their inputs. They are written to --out or, without it, next to the
    input as NAME-sharp. Inputs are never modified. Repeating an interrupted command continues where it stopped.
    `-` reads an image or a clip from standard input, and --out - writes one to standard output.
    """
    found = create_enhancer(enhancer, _parsed(settings), upscale)
    if pipe := clip_in_a_pipe(inputs, out):
        run_pipe(pipe, found, strength, upscale=upscale, **running)
        return
    job, made = sharpening(found, upscale, strength)
    run_batch(job, made, inputs, out, suffix="-sharp", **running)


def _parsed(settings: tuple[str, ...]) -> dict[str, str]:
    parsed = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise SharpError(f"invalid option {setting!r}; use NAME=VALUE")
        parsed[name] = value
    return parsed
