"""Rows of text and figures as CSV, whatever a file is called."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

GUARDED = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "'")
"""How a cell begins that a spreadsheet would compute (or tidy up) instead of show, in any of its languages."""


def readable(text: str) -> str:
    """The text with U+FFFD for every lone surrogate, as Python has them for undecodable bytes of a file name."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The header and one line a row, made as they are asked for; None and what a row lacks are empty cells.

    Text that a spreadsheet could take for a formula has an apostrophe in front, and so has text that begins with one:
    whoever reads the file with a program gets the text back by taking one leading apostrophe away.
    """
    yield _line(columns)
    for row in rows:
        yield _line([_guarded(row.get(column)) for column in columns])


def _guarded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return "'" + readable(value) if value.startswith(GUARDED) else readable(value)


def _line(cells: Sequence[Any]) -> str:
    text = io.StringIO()
    # Python 3.11 quotes a carriage return in a cell only where it is part of the line's end.
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n") + "\n"
