"""Tables of parity as Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from edging.parity import Cell

HEAD = ("weights", "precision", "levels apart at most", "values that differ", "least PSNR", "change by the network")


def parity_table(cells: Sequence[Cell]) -> str:
    """A line for each student, profile, weights and precision: the worst of all images, except for the change."""
    lines = [_line(("student", "profile", *HEAD)), _line(("---",) * (2 + len(HEAD)))]
    return "\n".join([*lines, *(_line(_row(cell)) for cell in cells)])


def _row(cell: Cell) -> tuple[str, ...]:
    least = min(cell.decibels)
    differing, changed = (sum(values) / len(values) for values in (cell.differing, cell.changed))
    return (
        cell.student,
        cell.profile,
        cell.weights.upper(),
        cell.precision,
        str(cell.most),
        "none" if not differing else f"{100 * differing:.2g} %",
        "the same" if math.isinf(least) else f"{least:.1f} dB",
        f"{changed:.2f} levels",
    )


def _line(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"
