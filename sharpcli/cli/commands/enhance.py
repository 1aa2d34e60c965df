"""`sharpcli enhance`: sharpen images, clips and folders of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sharpcli.batch.clips import ClipJob
from sharpcli.batch.job import sharpening
from sharpcli.cli.batch import run_batch
from sharpcli.cli.options import batch_options, clip_options, format_option, strength_option, upscale_option
from sharpcli.cli.pipes import clip_in_a_pipe, run_pipe
from sharpcli.cli.stdout import Command
from sharpcli.errors import SharpError
from sharpcli.files.clips import PIPED
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.video.choice import check_choice


@click.command(cls=Command)
@batch_options
@format_option(None, with_clips=True)
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
@clip_options
def command(
    inputs: tuple[Path, ...],
    out: Path | None,
    enhancer: str,
    settings: tuple[str, ...],
    upscale: float,
    strength: float,
    codec: str | None,
    crf: int | None,
    preset: str | None,
    **running: Any,
) -> None:
    """Sharpen images, video clips and folders of them.

    Results keep the names and subfolders of their inputs. They are written to --out or, without it, next to the
    input as NAME-sharp. Inputs are never modified. Repeating an interrupted command continues where it stopped.
    Of a clip, all else in the file is kept; the extra `video` is needed.
    `-` reads an image or a clip from standard input, and --out - writes one to standard output.
    """
    check_choice(codec, crf, preset)
    found = create_enhancer(enhancer, parsed(settings), upscale)
    if pipe := clip_in_a_pipe(inputs, out):
        run_pipe(pipe, found, strength, upscale, codec=codec, crf=crf, preset=preset, **running)
        return
    if running["format"] in PIPED:
        raise SharpError(f"--format {running['format']} is for clips on standard input or output; use --format mkv")
    job, made = sharpening(found, upscale, strength)
    clips = ClipJob(strength, codec, crf, preset)
    run_batch(replace(job, clips=clips), {**made, **clips.chosen()}, inputs, out, suffix="-sharp", **running)


def parsed(settings: tuple[str, ...]) -> dict[str, str]:
    """What -O was given, by name; raises SharpError."""
    parsed = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise SharpError(f"invalid option {setting!r}; use NAME=VALUE")
        parsed[name] = value
    return parsed
