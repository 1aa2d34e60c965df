"""The figures of a folder as a table for spreadsheets and programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from sharpcli.scoring import CONVENTIONS, Score, mean
from sharpcli.tables import csv_lines


def ranked(scores: Sequence[Score]) -> tuple[str, list[Score]]:
    """The column that tells good from bad, and the scores by it, lowest first: the gain in PSNR, or without it PSNR."""
    column = "gain_psnr" if scores[0].input else "psnr"
    return column, sorted(scores, key=lambda score: float(score.row()[column]))


def as_csv(scores: Sequence[Score], convention: str) -> str:
    """One row a picture and the mean, the convention in a column of its own."""
    rows = [{**score.row(), "convention": convention} for score in (*scores, mean(scores))]
    return "".join(csv_lines(list(rows[0]), rows))


def as_json(scores: Sequence[Score], convention: str) -> str:
    """The same as JSON; an infinite PSNR (identical pictures) is null."""
    rows = [
        {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in s.row().items()
        }
        for s in (*scores, mean(scores))
    ]
    report = {"convention": convention, "definition": CONVENTIONS[convention], "pictures": rows[:-1], "mean": rows[-1]}
    return json.dumps(report, indent=2) + "\n"
