"""Prints figures as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
