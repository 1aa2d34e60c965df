"""Writes the figures of the wide grid into the cards of the weights that made them."""

from __future__ import annotations

from collections.abc import Sequence

from sharpcli.pipeline.guard import for_this_machine
from sharpcli_training.evaluation.cards import write_cards
from sharpcli_training.evaluation.evaluate import Figures, Table
from sharpcli_training.evaluation.rows import INPUT, Row
from sharpcli_training.evaluation.wide.figures import SHARPNESS, CellFigures

KEY = "wide grid"
PROFILE = "deblur"
"""The profile whose cards get the figures: the one that the default comes to, unless an image was enlarged twice."""


def write_wide_cards(table: Sequence[CellFigures]) -> None:
    """Put what was found into the cards as `wide grid`, and what was told as `wide grid, told`.

    Each row's figures go to the weights of the precision that this machine runs.
    """
    found: Table = {INPUT: {cell.name: _metrics(cell.input) for cell in table}}
    told: Table = {}
    for row in table[0].found:
        settled = _settled(row)
        found[settled] = {cell.name: _metrics(cell.found[row]) for cell in table}
        known = {cell.name: _metrics(result) for cell in table if (result := cell.told.get(row))}
        if known:
            told[settled] = known
            told[INPUT] = {name: found[INPUT][name] for name in known}
    write_cards(found, KEY, PROFILE)
    write_cards(told, f"{KEY}, told", PROFILE)


def _settled(row: Row) -> Row:
    """The row with the precision that this machine runs, where there is one to choose and it was left open."""
    precision = getattr(for_this_machine(row.create()), "precision", None)
    return Row(row.name, (*row.options, ("precision", precision))) if precision and not row.precision else row


def _metrics(figures: Figures) -> Figures:
    """Without the mean gradient, which says nothing unless the reference's is beside it."""
    return {metric: value for metric, value in figures.items() if metric != SHARPNESS}
