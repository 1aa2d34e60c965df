"""The process that runs a command: what Ctrl-C says and does, and that nobody ends it in silence."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from sharpcli.cli import stdout
from sharpcli.files.names import shown
from sharpcli.plugin.running import at_work, awaited, end_process, own_process

INTERRUPTED = 130
AGAIN = "press Ctrl-C again to stop at once"
SHOW_CURSOR = "\x1b[?25h"
"""A progress bar hides it."""


@contextmanager
def program() -> Iterator[None]:
    """The whole run of the program.

    The first Ctrl-C is a KeyboardInterrupt, and names the plugin that was at work; the next one ends the process.
    """
    stdout.take()
    over: list[int] = []
    own_process(lambda status: _ended(status, over))
    interrupts = _Interrupts()
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else Ctrl-C is ignored, as under nohup
    if ours:
        signal.signal(signal.SIGINT, interrupts)
    try:
        yield
    except SystemExit as end:
        over.append(end.code if isinstance(end.code, int) else int(end.code is not None))
        # Threads that are left are waited for after this.
        if (waiting := awaited()) and ours:
            interrupts.pressed = True
            signal.signal(signal.SIGINT, interrupts)  # a command may have had a handler of its own
            _say(f"waiting for what is still running ({shown('; '.join(waiting))}); {AGAIN}")
        raise


class _Interrupts:
    """The handler of Ctrl-C."""

    def __init__(self) -> None:
        self.pressed = False

    def __call__(self, number: int, frame: object) -> None:
        """Interrupt, and the second time end."""
        if self.pressed:
            _end()
        self.pressed = True
        if here := at_work()[0]:
            _say(f"interrupted while {shown(here)}")
        raise KeyboardInterrupt


def _end() -> NoReturn:
    """End at once. Unfinished files have no names yet under which anybody would look for results."""
    if sys.stderr and sys.stderr.isatty():
        _say(SHOW_CURSOR)
    end_process(INTERRUPTED)


def _ended(status: int, over: list[int]) -> int:
    """The status that a process ends with when a plugin's thread, or what it left for the end, calls os._exit."""
    if over:
        return status or over[0]
    here, others = at_work()
    work = "; ".join(filter(None, (here, *others)))
    _say(f"Error: a plugin ended the program with os._exit({status}){f' while {shown(work)}' if work else ''}")
    return status or 1


def _say(text: str) -> None:
    try:
        click.echo(text, err=True)
    except (OSError, RuntimeError):  # a handler may come while another line is being written
        return
