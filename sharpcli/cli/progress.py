"""What a batch shows while it runs: a bar on a terminal, lines elsewhere, JSON for programs, or nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from sharpcli.batch.job import Outcome
from sharpcli.batch.report import row
from sharpcli.files.names import shown

Tell = Callable[[Outcome, Path | None], None]


class RateColumn(ProgressColumn):
    """Pictures and, where they are counted, megapixels per second."""

    def render(self, task: Task) -> Text:
        """The speed of the last moments, or of the whole once finished."""
        speed = task.finished_speed or task.speed
        text = f"{speed:.1f}/s" if speed else "-/s"
        if (pixels := task.fields.get("megapixels")) and task.elapsed:
            text += f", {pixels / task.elapsed:.1f} MP/s"
        return Text(text)


def on_terminal() -> bool:
    """Whether somebody watches; a program started without stderr has none."""
    return sys.stderr is not None and sys.stderr.isatty()


def progress_bar(own_thread: bool = True) -> Progress:
    """A bar with count, rate and time left on stderr; nothing where stderr is no terminal.

    Without a thread of its own it moves only from one step to the next, and takes no time meanwhile.
    """
    return Progress(
        BarColumn(30),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        disable=not on_terminal(),
        auto_refresh=own_thread,
        transient=True,
    )


@contextmanager
def telling(total: int, quiet: bool, as_json: bool) -> Iterator[Tell]:
    """What to call with each outcome, and the picture in hand, of a batch of `total` pictures."""
    if as_json:
        yield lambda outcome, in_hand: click.echo(json.dumps(row(outcome)))
    elif quiet:
        yield lambda outcome, in_hand: None
    elif on_terminal():
        with progress_bar() as bar:
            task = bar.add_task("", total=total, megapixels=0.0)

            def advance(outcome: Outcome, in_hand: Path | None) -> None:
                pixels = bar.tasks[0].fields["megapixels"] + outcome.megapixels
                name = escape(shown(in_hand.name)) if in_hand else ""
                bar.update(task, advance=1, megapixels=pixels, description=name)

            yield advance
    else:
        yield _lines(total)


def _lines(total: int) -> Tell:
    """A line for each picture that is done or failed; those that were there already are only counted."""
    count = 0

    def line(outcome: Outcome, in_hand: Path | None) -> None:
        nonlocal count
        count += 1
        if outcome.status == "skipped":
            return
        said = f" ({shown(outcome.reason)})" if outcome.reason else ""
        size = f" {outcome.out_size[0]}x{outcome.out_size[1]} in {outcome.seconds:.2f} s" if outcome.out_size else ""
        click.echo(f"[{count}/{total}] {outcome.status} {shown(outcome.item.source)}{size}{said}", err=True)

    return line
