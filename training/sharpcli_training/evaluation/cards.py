"""Writes measured figures into the cards of the weights that made them."""

from __future__ import annotations

import json

from sharpcli.errors import SharpError
from sharpcli.plugin.cards import read_card
from sharpcli_training.evaluation.evaluate import CONVENTION, Figures, Table, finite, gains
from sharpcli_training.evaluation.rows import INPUT


def write_cards(table: Table, key: str, profile: str) -> None:
    """Put a table's figures, and the input's own beside them, into the cards under `scores[key]`.

    An INT8 row also gets what it gained or lost against FP32. Rows with options other than the precision are left out:
    a card speaks of its weights as they are used by default.
    """
    for row, figures in table.items():
        path = row.weights(profile)
        if path is None or dict(row.options).keys() - {"precision"}:
            continue
        file = path.with_suffix(".json")
        card = read_card(path)
        scores = card["scores"] = card.get("scores") or {}
        if not isinstance(scores, dict):
            raise SharpError(f"the scores in {file} are not a JSON object, so none can be added")
        scores[key] = {
            "convention": CONVENTION,
            "result": _rounded(figures),
            "input": _rounded(table[INPUT]),
        }
        if row.exact != row and row.exact in table:
            scores[key]["against_fp32"] = _rounded(
                {part: gains(table[row.exact][part], values) for part, values in figures.items()}
            )
        file.write_text(json.dumps(card, indent=2) + "\n")


def _rounded(row: dict[str, Figures]) -> dict[str, dict[str, float | None]]:
    return {cell: {metric: finite(value) for metric, value in figures.items()} for cell, figures in row.items()}
