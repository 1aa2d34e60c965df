"""Standard output is for what commands print: whatever plugins write there goes to standard error.

A plugin prints by print(), to file descriptor 1, or through a program that it starts. So descriptor 1 becomes a copy of
2 when the program starts, and what was behind it is known to this module alone.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, TextIO

import click

_ours: int | None = None
"""The descriptor of standard output, once descriptor 1 leads elsewhere."""
_stream: TextIO | None = None
"""Where `echo` writes while `sys.stdout` is something else."""


def echo(text: str = "") -> None:
    """Print a line, or several, to standard output."""
    click.echo(text, file=_stream)


def stream() -> TextIO | None:
    """Standard output as text; None for a program that was started without."""
    return _stream or sys.stdout


def binary() -> BinaryIO | None:
    """Standard output for bytes, such as those of an image; None for a program that was started without."""
    found = stream()
    if found is None:
        return None
    found.flush()
    return found.buffer


def take() -> None:
    """Take descriptor 1 from whoever writes to it: from here on, `sys.stdout` alone leads to standard output."""
    global _ours  # noqa: PLW0603
    before = sys.stdout
    if _descriptor(before) != 1:
        return
    before.flush()
    while (unused := os.open(os.devnull, os.O_RDWR)) < 3:  # a standard descriptor that was closed
        pass
    os.close(unused)
    _ours = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(_ours, "w")),
        encoding=before.encoding,
        errors=before.errors,
        line_buffering=before.isatty(),
    )


def hand_back() -> None:
    """Let a plugin's own command have descriptor 1 again, which prints what it likes."""
    if _ours is not None:
        os.dup2(_ours, 1)


@contextmanager
def for_us_alone() -> Iterator[None]:
    """Meanwhile `sys.stdout` is standard error, and only `echo` leads to standard output."""
    global _stream  # noqa: PLW0603
    if _stream is not None or sys.stdout is None:
        yield
        return
    _stream = sys.stdout
    nowhere = None if sys.stderr else open(os.devnull, "w")  # noqa: SIM115, PTH123
    sys.stdout = sys.stderr or nowhere
    try:
        yield
    finally:
        sys.stdout, _stream = _stream, None
        if nowhere:
            nowhere.close()


class Command(click.Command):
    """A built-in command: while it runs, standard output is for `echo` alone."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        with for_us_alone():
            return super().invoke(ctx)


def _descriptor(stream: TextIO | None) -> int | None:
    try:
        return stream.fileno() if stream else None
    except (OSError, ValueError):  # a stream of Python's own, as tests have, or a closed one
        return None
