"""Prints tables, and output that may fail without ending a batch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sharpcli.cli.stderr import say
from sharpcli.cli.stdout import echo, leave, stream
from sharpcli.files.names import shown
from sharpcli.scoring.figures import figure


def print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print one line per row below the column names; the first column is left-aligned, the others right-aligned."""
    columns = list(rows[0])
    cells = [[column.replace("_", " ") for column in columns]]
    cells += [[_cell(column, row[column]) for column in columns] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for line in cells:
        padded = [
            line[0].ljust(widths[0]),
            *(text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)),
        ]
        echo("  ".join(padded))


def _cell(column: str, value: Any) -> str:
    return shown(value) if isinstance(value, str) else figure(column, value)


class Printer:
    """Stops printing after the first error, such as a closed pipe or a full disk, instead of ending the batch."""

    def __init__(self) -> None:
        self.trouble: OSError | None = None

    def __call__(self, step: Callable[[], None]) -> None:
        """Call `step`, unless an earlier call failed."""
        if self.trouble is None:
            try:
                step()
            except OSError as error:
                self.trouble = error

    def report_trouble(self) -> None:
        """Print the error on stderr if that works, and keep Python from flushing again at exit."""
        with suppress(OSError):
            say(f"failed: output could not be written ({self.trouble})")
        for one in (stream(), sys.stderr):
            with suppress(OSError, AttributeError, ValueError):
                one.flush()  # type: ignore[union-attr]  # AttributeError where there is none
                continue
            leave(one)
