"""The arguments and options that all commands share which enhance images."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sharpcli.files.formats import FORMATS
from sharpcli.files.remote import location
from sharpcli.pipeline.budget import parse_size

WORKERS = min(4, os.cpu_count() or 1)


def batch_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Inputs, outputs, which files, what to do with earlier results, how much of the machine, and what to tell."""
    options = [
        click.argument("inputs", nargs=-1, required=True, type=location),
        click.option("-o", "--out", type=location, help="Folder for the results, or a file for one file."),
        click.option(
            "-r/-R", "--recursive/--no-recursive", default=True, show_default="yes", help="Take subfolders too."
        ),
        click.option(
            "--glob", multiple=True, default=("*",), help="Only files of this name or path in a folder; repeatable."
        ),
        click.option("--exclude", multiple=True, help="No files or folders of this name or path; repeatable."),
        click.option(
            "--on-existing",
            type=click.Choice(["skip", "overwrite", "error"]),
            default="skip",
            show_default=True,
            help="What to do where a result is there already.",
        ),
        click.option(
            "--quality",
            type=click.IntRange(1, 100),
            help="Of JPEG, WebP and AVIF results.  [default: a JPEG's own, else 95; AVIF 90]",
        ),
        click.option("--strip", is_flag=True, help="Leave out EXIF, XMP, text and print size; colours stay right."),
        click.option("--workers", type=click.IntRange(1), default=WORKERS, show_default=True, help="Images at a time."),
        click.option(
            "--memory",
            default="1GB",
            show_default=True,
            callback=lambda context, parameter, text: parse_size(text),
            help="How much to take for images.",
        ),
        click.option("--executor", default="local", show_default=True, help="Or dask://HOST:PORT, a cluster."),
        click.option("--fail-fast", is_flag=True, help="Stop at the first failure."),
        click.option("--dry-run", is_flag=True, help="Only say what would be done."),
        click.option(
            "--report",
            type=click.Path(path_type=Path),
            help="Write what became of each file to this .json, .csv or .html file.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but what failed."),
        click.option("--json", "as_json", is_flag=True, help="Say it in lines of JSON, one an image."),
    ]
    for decorate in reversed(options):
        function = decorate(function)
    return function


def format_option(default: str | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--format`, with the command's own default."""
    return click.option(
        "--format",
        type=click.Choice(sorted(FORMATS)),
        default=default,
        show_default=default or "each image's own",
        help="File format of the results.",
    )
