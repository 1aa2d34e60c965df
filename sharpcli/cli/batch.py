"""Plans and runs a batch for a command, prints the outcome and sets the exit code."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sharpcli.batch import run as batch
from sharpcli.batch.clips import ClipProgress
from sharpcli.batch.dispatch import OnClip, Summary
from sharpcli.batch.job import Job, Outcome, written
from sharpcli.batch.plan import BatchPlan, Item, plan
from sharpcli.batch.report import row
from sharpcli.cli.batch_bar import batch_bar
from sharpcli.cli.output import Printer
from sharpcli.cli.process import AGAIN, INTERRUPTED
from sharpcli.cli.progress import on_terminal
from sharpcli.cli.stdout import stream
from sharpcli.cli.streams import Streams, streams
from sharpcli.errors import SharpError
from sharpcli.files.names import shown

SHOWN = 3
"""So many files are named in a line."""
OnOutcome = Callable[[Outcome, Path | None], None]


def run_batch(
    job: Job,
    settings: Mapping[str, Any],
    inputs: tuple[Path, ...],
    out: Path | None,
    *,
    suffix: str,
    recursive: bool,
    glob: tuple[str, ...],
    exclude: tuple[str, ...],
    format: str | None,
    quality: int | None,
    strip: bool,
    workers: int,
    memory: int,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
    report: Path | None,
    **rules: Any,
) -> None:
    """Plan and run, list what failed, print the summary, and exit 1 after failures, 130 after Ctrl-C."""
    for one in (stream(), sys.stderr):
        if isinstance(one, io.TextIOWrapper):  # a name that the terminal cannot encode must not end the batch
            one.reconfigure(errors="backslashreplace")
    if quiet and as_json:
        raise SharpError("--quiet and --json cannot be combined")
    job, settings = written(job, settings, format=format, quality=quality, strip=strip)
    job = replace(job, workers=workers, memory=memory)
    printer = Printer()
    with streams(inputs, out, format, rules["executor"]) as through:
        planned = plan(
            through.inputs, through.out, suffix=suffix, recursive=recursive, glob=glob, exclude=exclude, format=format
        )
        if dry_run:
            _list_plan(planned, through)
            return
        total = len(planned.items) + len(planned.unreadable)
        with outcome_printer(planned.items, total, quiet, as_json, through) as (print_outcome, on_clip):
            summary = batch.run_batch(
                planned,
                job,
                settings,
                batch.Rules(reports=(report,) if report else (), base=through.folder, **rules),
                lambda outcome, in_progress: printer(lambda: print_outcome(outcome, in_progress)),
                lambda sources: printer(lambda: _print_waiting(sources, job, through)),
                on_clip,
            )
        if through.to_stdout and summary.counts()["done"]:
            printer(lambda: through.pour(planned.items[0].target))
        printer(lambda: _print_end(summary, planned, quiet, as_json, through))
    if printer.trouble:
        printer.report_trouble()
    if summary.interrupted:
        raise click.exceptions.Exit(INTERRUPTED)
    if summary.failures() or summary.trouble or printer.trouble:
        raise click.exceptions.Exit(1)


def _print_end(summary: Summary, planned: BatchPlan, quiet: bool, as_json: bool, through: Streams) -> None:
    for outcome in summary.failures():
        through.say(f"failed: {outcome.item.source}: {outcome.reason}")
    if summary.trouble:
        through.say(f"failed: {summary.trouble}")
    if summary.begun:
        through.say(f"stopped: {_named(summary.begun)}; repeat the command to continue where it stopped")
    if as_json:
        through.tell(json.dumps({"summary": summary.as_dict()}))
    elif not quiet:
        through.tell(f"{summary.line()} -> {'standard output' if through.to_stdout else _where(planned)}")


def _print_waiting(sources: Sequence[Path], job: Job, through: Streams) -> None:
    by = f" by {job.enhancer.name}" if job.enhancer else ""
    through.say(f"interrupted: waiting for {_named(sources)} to be finished{by}; {AGAIN}")


def _named(sources: Sequence[Path]) -> str:
    more = f" and {len(sources) - SHOWN} more" if len(sources) > SHOWN else ""
    return ", ".join(map(str, sources[:SHOWN])) + more


def _list_plan(planned: BatchPlan, through: Streams) -> None:
    for item in planned.items:
        through.tell(f"{shown(item.source)} -> {shown(item.target)}")
    for folder, reason in planned.unreadable:
        through.say(f"failed: {folder}: {reason}")
    if planned.unreadable:
        raise click.exceptions.Exit(1)


def _where(planned: BatchPlan) -> str:
    if len(planned.items) == 1:
        return shown(planned.items[0].target)
    return ", ".join(map(shown, planned.roots)) or "next to the inputs"


@contextmanager
def outcome_printer(
    items: Sequence[Item], total: int, quiet: bool, as_json: bool, through: Streams
) -> Iterator[tuple[OnOutcome, OnClip]]:
    """What to call with each outcome and the file in progress, of a batch of `total` files, and how far a clip is."""
    if as_json:
        yield lambda outcome, in_progress: through.tell(json.dumps(row(outcome))), _silent
    elif quiet:
        yield lambda outcome, in_progress: None, _silent
    elif on_terminal():
        with batch_bar(items, total) as bar:
            yield bar.ended, bar.clip
    else:
        yield _lines(total, through), _silent


def _silent(progress: ClipProgress) -> None:
    """Whoever reads lines gets one when the clip is done."""


def _lines(total: int, through: Streams) -> OnOutcome:
    """Print a line for each image that is done or failed; skipped ones are only counted."""
    count = 0

    def line(outcome: Outcome, in_progress: Path | None) -> None:
        nonlocal count
        count += 1
        if outcome.status == "skipped":
            return
        reason = f" ({outcome.reason})" if outcome.reason else ""
        through.say(f"[{count}/{total}] {outcome.status} {outcome.item.source}{_figures(outcome)}{reason}")

    return line


def _figures(outcome: Outcome) -> str:
    """The size and the time of a result, and of a clip how fast it was made."""
    if outcome.out_size is None:
        return ""
    size = f" {outcome.out_size[0]}x{outcome.out_size[1]} in {outcome.seconds:.2f} s"
    if outcome.frames is None:
        return size
    rate = f", {outcome.frames / outcome.seconds:.1f} frames/s" if outcome.seconds else ""
    return f"{size}, {outcome.frames} frames{rate}"
