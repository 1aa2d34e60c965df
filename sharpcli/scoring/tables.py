"""The figures of a folder as a table for spreadsheets and programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict

from sharpcli.files.csv_text import csv_lines
from sharpcli.plugin.catalog import metric_entries
from sharpcli.scoring.figures import GAIN, metric_of
from sharpcli.scoring.score import CONVENTIONS, Score, mean


def leading(score: Score) -> str:
    """The metric that tells good from bad: PSNR, or where that was not measured the first."""
    return "psnr" if "psnr" in score.result else next(iter(score.result))


def ranked(scores: Sequence[Score]) -> tuple[str, list[Score]]:
    """The column that tells good from bad, and the scores by it, worst first: the leading metric's gain, or without
    inputs its figure.
    """
    metric = leading(scores[0])
    column = f"{GAIN}{metric}" if scores[0].input else metric
    downwards = not metric_of(metric).higher_is_better
    return column, sorted(scores, key=lambda score: float(score.row()[column]), reverse=downwards)


def as_csv(scores: Sequence[Score], convention: str) -> str:
    """One row an image and the mean, the convention in a column of its own."""
    rows = [{**score.row(), "convention": convention} for score in (*scores, mean(scores))]
    return "".join(csv_lines(list(rows[0]), rows))


def as_json(scores: Sequence[Score], convention: str) -> str:
    """The same as JSON, and what is known of each metric; an infinite figure (PSNR of identical images) is null."""
    rows = [
        {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in {**s.row(), **({"notes": s.notes} if s.notes else {})}.items()
        }
        for s in (*scores, mean(scores))
    ]
    known = {entry.name: entry for entry in metric_entries()}
    report = {
        "convention": convention,
        "definition": CONVENTIONS[convention],
        "metrics": [asdict(known[name]) for name in scores[0].result if name in known],
        "images": rows[:-1],
        "mean": rows[-1],
    }
    return json.dumps(report, indent=2) + "\n"
