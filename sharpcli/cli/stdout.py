"""Standard output is for what commands print: whatever plugins write there goes to standard error.

A plugin prints by print(), to file descriptor 1, or through a program that it starts. So descriptor 1 becomes a copy of
2 when the program starts, and what was behind it is known to this module alone.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, TextIO

import click


@dataclass
class _Output:
    """Where standard output is: `descriptor`, once 1 leads elsewhere, and `stream` while `sys.stdout` does."""

    descriptor: int | None = None
    handed_back: bool = False
    stream: TextIO | None = None


_now = _Output()


def echo(text: str = "") -> None:
    """Print a line, or several, to standard output."""
    click.echo(text, file=_now.stream)


def stream() -> TextIO | None:
    """Standard output as text; None for a program that was started without."""
    return _now.stream or sys.stdout


def binary() -> BinaryIO | None:
    """Standard output for bytes, such as those of an image; None for a program that was started without."""
    found = stream()
    if found is None:
        return None
    found.flush()
    return found.buffer


@contextmanager
def for_a_reader() -> Iterator[BinaryIO]:
    """Standard output for bytes, as long as somebody reads it: to have seen enough is no failure. Raises OSError."""
    if (output := binary()) is None:
        raise OSError("standard output is closed")
    try:
        yield output
        output.flush()
    except BrokenPipeError:
        leave(output)


def leave(stream: Any) -> None:
    """Keep Python from writing once more, at its end, what a stream could not take."""
    with suppress(OSError, AttributeError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def take() -> None:
    """Take descriptor 1 from whoever writes to it: from here on, `sys.stdout` alone leads to standard output."""
    before = sys.stdout
    if _descriptor(before) != 1:
        return
    before.flush()
    while (unused := os.open(os.devnull, os.O_RDWR)) < 3:  # a standard descriptor that was closed
        pass
    os.close(unused)
    _now.descriptor = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(_now.descriptor, "w")),
        encoding=before.encoding,
        errors=before.errors,
        line_buffering=before.isatty(),
    )


def hand_back() -> None:
    """Let a plugin's own command have descriptor 1 again, which prints what it likes."""
    if _now.descriptor is not None:
        os.dup2(_now.descriptor, 1)
        _now.handed_back = True


@contextmanager
def for_us_alone() -> Iterator[None]:
    """Meanwhile `sys.stdout` is standard error, and only `echo` leads to standard output."""
    if _now.stream is not None or sys.stdout is None:
        yield
        return
    _now.stream = sys.stdout
    if _now.descriptor is not None:
        os.dup2(2, 1)
    nowhere = None if sys.stderr else open(os.devnull, "w")  # noqa: SIM115, PTH123
    sys.stdout = sys.stderr or nowhere
    try:
        yield
    finally:
        sys.stdout, _now.stream = _now.stream, None
        if _now.handed_back:
            hand_back()
        if nowhere:
            nowhere.close()


class Command(click.Command):
    """A command of our own: while it runs, standard output is for `echo` alone."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        with for_us_alone():
            return super().invoke(ctx)


def _descriptor(stream: TextIO | None) -> int | None:
    try:
        return stream.fileno() if stream else None
    except (OSError, ValueError):  # a stream of Python's own, as tests have, or a closed one
        return None
