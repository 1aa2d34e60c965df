"""A progress bar for long operations on a terminal."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class RateColumn(ProgressColumn):
    """Steps per second."""

    def render(self, task: Task) -> Text:
        """The recent speed, or the mean speed once finished."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "-/s")


def on_terminal() -> bool:
    """Whether stderr is a terminal; a program can be started without stderr."""
    return sys.stderr is not None and sys.stderr.isatty()


def progress_bar(own_thread: bool = True) -> Progress:
    """A bar with count, rate and time left on stderr; nothing if stderr is not a terminal.

    Without `own_thread` it is redrawn between steps only, and takes no time during one.
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


def files_bar() -> Progress:
    """A bar for files that take unequally long; each task says in its field `text` what is done, and how fast."""
    return Progress(
        BarColumn(30),
        TextColumn("{task.fields[text]}"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        disable=not on_terminal(),
        transient=True,
    )
