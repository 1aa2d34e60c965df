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
from rich.markup import escape

from sharpcli.batch import run as batch
from sharpcli.batch.dispatch import Summary
from sharpcli.batch.job import Job, Outcome, written
from sharpcli.batch.plan import BatchPlan, plan
from sharpcli.batch.report import row
from sharpcli.cli.output import Printer
from sharpcli.cli.process import AGAIN, INTERRUPTED
from sharpcli.cli.progress import on_terminal, progress_bar
from sharpcli.cli.stdout import stream
from sharpcli.cli.streams import Streams, streams
from sharpcli.errors import SharpError
from sharpcli.files.names import shown

SHOWN = 3
"""So many images are named in a line."""
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
        with outcome_printer(total, quiet, as_json, through) as print_outcome:
            summary = batch.run_batch(
                planned,
                job,
                settings,
                batch.Rules(reports=(report,) if report else (), base=through.folder, **rules),
                lambda outcome, in_progress: printer(lambda: print_outcome(outcome, in_progress)),
                lambda sources: printer(lambda: _print_waiting(sources, job, through)),
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
    if as_json:
        through.tell(json.dumps({"summary": summary.as_dict()}))
    elif not quiet:
        through.tell(f"{summary.line()} -> {'standard output' if through.to_stdout else _where(planned)}")


def _print_waiting(sources: Sequence[Path], job: Job, through: Streams) -> None:
    names = ", ".join(map(str, sources[:SHOWN]))
    more = f" and {len(sources) - SHOWN} more" if len(sources) > SHOWN else ""
    by = f" by {job.enhancer.name}" if job.enhancer else ""
    through.say(f"interrupted: waiting for {names}{more} to be finished{by}; {AGAIN}")


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
def outcome_printer(total: int, quiet: bool, as_json: bool, through: Streams) -> Iterator[OnOutcome]:
    """What to call with each outcome and the image in progress, of a batch of `total` images."""
    if as_json:
        yield lambda outcome, in_progress: through.tell(json.dumps(row(outcome)))
    elif quiet:
        yield lambda outcome, in_progress: None
    elif on_terminal():
        with progress_bar() as bar:
            task = bar.add_task("", total=total, megapixels=0.0)

            def advance(outcome: Outcome, in_progress: Path | None) -> None:
                pixels = bar.tasks[0].fields["megapixels"] + outcome.megapixels
                name = escape(shown(in_progress.name)) if in_progress else ""
                bar.update(task, advance=1, megapixels=pixels, description=name)

            yield advance
    else:
        yield _lines(total, through)


def _lines(total: int, through: Streams) -> OnOutcome:
    """Print a line for each image that is done or failed; skipped ones are only counted."""
    count = 0

    def line(outcome: Outcome, in_progress: Path | None) -> None:
        nonlocal count
        count += 1
        if outcome.status == "skipped":
            return
        reason = f" ({outcome.reason})" if outcome.reason else ""
        size = f" {outcome.out_size[0]}x{outcome.out_size[1]} in {outcome.seconds:.2f} s" if outcome.out_size else ""
        through.say(f"[{count}/{total}] {outcome.status} {outcome.item.source}{size}{reason}")

    return line
