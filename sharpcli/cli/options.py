"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sharpcli.cli.numbers import Number
from sharpcli.cli.streams import place
from sharpcli.files import clips
from sharpcli.files.formats import OFFERED
from sharpcli.measure.cores import cores
from sharpcli.pipeline.budget import parse_size
from sharpcli.pipeline.strength import MAX_STRENGTH
from sharpcli.video.coding import ENCODERS

WORKERS = min(4, cores())


upscale_option = click.option(
    "--upscale",
    metavar="FACTOR",
    type=Number(1, 8),
    default=1,
    show_default=True,
    help="Enlarge by bicubic interpolation before enhancing.",
)
strength_option = click.option(
    "--strength",
    metavar="0-2",
    type=Number(0, MAX_STRENGTH),
    default=1,
    show_default=True,
    help="Blend between the input (0) and the result (1); above 1, exaggerate the change.",
)


def workers_option(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add --workers, the number of `what` (plural) processed in parallel."""
    return click.option(
        "--workers",
        metavar="N",
        type=click.IntRange(1),
        default=WORKERS,
        show_default=True,
        help=f"Number of {what} processed in parallel.",
    )


memory_option = click.option(
    "--memory",
    metavar="SIZE",
    default="1GB",
    show_default=True,
    callback=lambda context, parameter, text: parse_size(text),
    help="Memory limit for image data, such as 500MB or 2GB.",
)


def batch_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument INPUTS and the options of `enhance` and `degrade`."""
    options: list[Callable[..., Any]] = [
        click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=place),
        click.option(
            "-o",
            "--out",
            metavar="PATH_OR_URL",
            type=place,
            help="Output folder, or output file if there is a single input file; - for standard output.",
        ),
        click.option("-r/-R", "--recursive/--no-recursive", default=True, help="Include subfolders.  [default: on]"),
        click.option(
            "--glob",
            metavar="PATTERN",
            multiple=True,
            default=("*",),
            help="Only process files whose name or path matches. Can be repeated.",
        ),
        click.option(
            "--exclude",
            metavar="PATTERN",
            multiple=True,
            help="Skip files and folders whose name or path matches. Can be repeated.",
        ),
        click.option(
            "--on-existing",
            type=click.Choice(["skip", "overwrite", "error"]),
            default="skip",
            show_default=True,
            help="What to do if a result already exists.",
        ),
        click.option(
            "--quality",
            metavar="1-100",
            type=click.IntRange(1, 100),
            help="Quality of JPEG, WebP and AVIF results.  [default: that of the input JPEG, otherwise 95; AVIF 90]",
        ),
        click.option(
            "--strip",
            is_flag=True,
            help="Remove EXIF, XMP, IPTC, text and print size. The colour profile is kept.",
        ),
        workers_option("images"),
        memory_option,
        click.option(
            "--executor",
            metavar="WHERE",
            default="local",
            show_default=True,
            help="Where to run: local, or a Dask cluster at dask://HOST:PORT.",
        ),
        click.option("--fail-fast", is_flag=True, help="Stop at the first failure."),
        click.option("--dry-run", is_flag=True, help="Show what would be done without doing it."),
        click.option(
            "--report",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Write a report of all files, as .json, .csv or .html.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Print only failures."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object per file."),
    ]
    for decorate in reversed(options):
        function = decorate(function)
    return function


def format_option(default: str | None, with_clips: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add --format with the default of the command; None keeps the format of each file."""
    concerns = "File format of the results."
    if with_clips:
        concerns = "File format of the results; that of images concerns images only, that of clips clips."
    return click.option(
        "--format",
        type=click.Choice([*OFFERED, *clips.WRITTEN, *clips.PIPED] if with_clips else OFFERED),
        default=default,
        help=f"{concerns}  [default: {default or 'that of each file'}]",
    )


def clip_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of how clips are encoded."""
    options: list[Callable[..., Any]] = [
        click.option(
            "--codec",
            type=click.Choice(list(ENCODERS)),
            help="Codec of clips.  [default: that of each clip, if the container holds it, otherwise h264]",
        ),
        click.option(
            "--crf",
            metavar="N",
            type=click.IntRange(0, 63),
            help="Quality of clips; a smaller number is better and larger.  [default: h264 18, hevc 20, others 24]",
        ),
        click.option(
            "--preset",
            metavar="NAME",
            help="Speed of encoding clips: ultrafast to placebo, for av1 0 to 13.  [default: a fast one]",
        ),
    ]
    for decorate in reversed(options):
        function = decorate(function)
    return function
