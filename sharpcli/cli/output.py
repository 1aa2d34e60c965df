"""Says what there is to say, tables included, for as long as somebody can hear it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import click

from sharpcli.scoring.figures import figure


def print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """One line a row, below the names of the first row's columns; the first column stands to the left."""
    columns = list(rows[0])
    cells = [[column.replace("_", " ") for column in columns]]
    cells += [[_cell(column, row[column]) for column in columns] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for line in cells:
        padded = [
            line[0].ljust(widths[0]),
            *(text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)),
        ]
        click.echo("  ".join(padded))


def _cell(column: str, value: Any) -> str:
    return value if isinstance(value, str) else figure(column, value)


class Voice:
    """A pipe that was closed or a disk that is full silences it, and ends no batch."""

    def __init__(self) -> None:
        self.trouble: OSError | None = None

    def __call__(self, say: Callable[[], None]) -> None:
        """Call `say`, unless an earlier call was not heard."""
        if self.trouble is None:
            try:
                say()
            except OSError as error:
                self.trouble = error

    def confess(self) -> None:
        """Tell on stderr what was not heard, if that is, and keep Python from trying again at its end."""
        with suppress(OSError):
            click.echo(f"failed: what there was to say could not be written ({self.trouble})", err=True)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, AttributeError, ValueError):
                stream.flush()
                continue
            with suppress(OSError, AttributeError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
