"""What the commands that work through a batch share: their arguments, the progress bar and the ending."""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from sharpcli import batch, planning
from sharpcli.errors import SharpError
from sharpcli.pictures import FORMATS, Picture
from sharpcli.planning import shown

WORKERS = min(4, os.cpu_count() or 1)


class RateColumn(ProgressColumn):
    """Pictures per second."""

    def render(self, task: Task) -> Text:
        """The speed of the last moments, or of the whole once finished."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "-/s")


def progress_bar() -> Progress:
    """A bar with count, rate and time left on stderr; nothing where stderr is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )


def batch_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments and options of every command that turns pictures into pictures."""
    options = [
        click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path)),
        click.option(
            "-o", "--out", type=click.Path(path_type=Path), help="Folder for the results, or a file for one file."
        ),
        click.option(
            "-r/-R", "--recursive/--no-recursive", default=True, show_default=True, help="Take subfolders too."
        ),
        click.option(
            "--glob", multiple=True, default=["*"], show_default=True, help="Only files of these names; repeatable."
        ),
        click.option("--exclude", multiple=True, help="No files and folders of these names; repeatable."),
        click.option(
            "--on-existing",
            type=click.Choice(["skip", "overwrite", "error"]),
            default="skip",
            show_default=True,
            help="What to do where a result is there already.",
        ),
        click.option("--quality", type=click.IntRange(1, 100), help="Of JPEG and WebP results.  [default: 95]"),
        click.option(
            "--workers", type=click.IntRange(1), default=WORKERS, show_default=True, help="Pictures at a time."
        ),
        click.option("--fail-fast", is_flag=True, help="Stop at the first failure."),
        click.option("--dry-run", is_flag=True, help="Only say what would be done."),
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
        show_default=default or "each picture's own",
        help="File format of the results.",
    )


def run_batch(
    function: Callable[[Picture], Picture],
    inputs: tuple[Path, ...],
    out: Path | None,
    *,
    suffix: str,
    recursive: bool,
    glob: tuple[str, ...],
    exclude: tuple[str, ...],
    format: str | None,
    on_existing: str,
    quality: int | None,
    workers: int,
    fail_fast: bool,
    dry_run: bool,
) -> None:
    """Plan and run, list what failed, print the summary, and exit 1 after failures, 130 after Ctrl-C."""
    # Pillow's remarks on odd but readable files would tear the progress bar; what it cannot read is listed at the end.
    warnings.filterwarnings("ignore", module="PIL")
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name the terminal has no letters for must not end the batch
            stream.reconfigure(errors="backslashreplace")
    planned = planning.plan(inputs, out, suffix=suffix, recursive=recursive, glob=glob, exclude=exclude, format=format)
    items = planned.items
    if dry_run:
        for item in items:
            click.echo(f"{shown(item.source)} -> {shown(item.target)}")
        _list_unreadable(planned)
        return
    if on_existing == "error" and (there := [item.target for item in items if item.target.exists()]):
        raise SharpError(f"{shown(there[0])} exists already; use --on-existing skip or overwrite, or another folder")
    with progress_bar() as bar:
        task = bar.add_task("pictures", total=len(items))
        summary = batch.run(
            items,
            function,
            on_existing=on_existing,
            quality=quality,
            workers=workers,
            fail_fast=fail_fast,
            progress=lambda outcome: bar.advance(task),
        )
    for outcome in summary.failures():
        click.echo(f"failed: {shown(outcome.item.source)}: {shown(outcome.reason)}", err=True)
    click.echo(f"{summary.line()} -> {_where(planned)}")
    if summary.interrupted:
        raise click.exceptions.Exit(130)
    _list_unreadable(planned)
    if summary.failures():
        raise click.exceptions.Exit(1)


def _list_unreadable(planned: planning.Plan) -> None:
    """Name the folders that could not be read, and exit 1 where there are any."""
    for folder, reason in planned.unreadable:
        click.echo(f"failed: {shown(folder)}: {reason}", err=True)
    if planned.unreadable:
        raise click.exceptions.Exit(1)


def _where(planned: planning.Plan) -> str:
    if len(planned.items) == 1:
        return shown(planned.items[0].target)
    return ", ".join(map(shown, planned.roots)) or "beside the inputs"
