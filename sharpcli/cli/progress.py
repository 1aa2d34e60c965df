"""A bar on a terminal for whatever goes on for long."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class RateColumn(ProgressColumn):
    """Images and, where they are counted, megapixels per second."""

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
