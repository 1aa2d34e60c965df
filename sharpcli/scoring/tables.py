"""The figures of a folder as a table for spreadsheets and programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sharpcli.files.csv_text import csv_lines
from sharpcli.plugin.catalog import metric_entries, metric_entry
from sharpcli.scoring.clips.metrics import OF_CLIPS
from sharpcli.scoring.clips.score import ClipScore
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


def table(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """One row an image or clip and the mean, all with the same columns; None where there is no such figure."""
    rows = [score.row() for score in (*scores, mean(scores))]
    columns = dict.fromkeys(column for row in rows for column in row)
    return [{column: row.get(column) for column in columns} for row in rows]


def as_csv(scores: Sequence[Score], convention: str) -> str:
    """The rows of `table`, the convention in a column of its own."""
    rows = [{**row, "convention": convention} for row in table(scores)]
    return "".join(csv_lines(list(rows[0]), rows))


def as_json(scores: Sequence[Score], convention: str) -> str:
    """The same as JSON, with the seconds of each clip, and what is known of each metric.

    An infinite figure (PSNR of identical images) is null.
    """
    known = {entry.name: entry for entry in (*metric_entries(), *map(metric_entry, OF_CLIPS.values()))}
    names = dict.fromkeys(name for score in scores for name in score.result)
    report = {
        "convention": convention,
        "definition": CONVENTIONS[convention],
        "metrics": [asdict(known[name]) for name in names if name in known],
        "images": [_as_dict(score) for score in scores],
        "mean": _as_dict(mean(scores)),
    }
    return json.dumps(report, indent=2) + "\n"


def _as_dict(score: Score) -> dict[str, Any]:
    row = {key: None if value in (math.inf, -math.inf) else value for key, value in score.row().items()}
    if isinstance(score, ClipScore):
        seconds = [_as_dict(second) for second in score.seconds]
        row |= {"frames": score.frames, "still": score.still}
        row["seconds"] = [{"second": second.pop("image"), **second} for second in seconds]
    return {**row, **({"notes": score.notes} if score.notes else {})}
