"""How scores are shown on the page."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sharpcli.web.words.say import say
from sharpcli.web.words.templates import template

if TYPE_CHECKING:
    import jinja2
    from pandas.io.formats.style import Styler

    from sharpcli.image.image import Pixels
    from sharpcli.scoring.pairs import Pair
    from sharpcli.scoring.score import Score
    from sharpcli.web.tasks.score import RunningScore

HIGHEST = 1e9
"""Stands for an infinite figure, which JSON has not, so that it sorts as the highest all the same."""


@cache
def _template() -> jinja2.Template:
    from sharpcli.batch.report_formats import visible
    from sharpcli.scoring.figures import figure, with_unit

    return template(
        "sharpcli.web.views",
        "score.html.j2",
        figure=lambda value, column: figure(column, value),
        with_unit=lambda value, column: with_unit(column, value),
        visible=visible,
    )


def invitation() -> str:
    """What to do first, as HTML."""
    return html("invitation")


def html(part: str, *values: Any) -> str:
    """A part of the template, in which every name is escaped."""
    return str(getattr(_template().module, part)(*values))


def ending(score: RunningScore) -> str:
    """The summary at the end, as HTML."""
    return html("stopped") if score.stopped else html("ending", len(score.scores), score.failures, score.notes)


def mean_table(scores: Sequence[Score], convention: str) -> str:
    """The mean figures and how they were computed, as HTML."""
    from sharpcli.scoring.figures import remark
    from sharpcli.scoring.score import CONVENTIONS, mean

    infinite = any(math.isinf(one.get("psnr", 0)) for score in scores for one in (score.result, score.input))
    row, metrics = mean(scores).row(), {name: _title(name) for name in scores[0].result}
    for name in metrics:
        if row[name] == row.get(f"input_{name}") == math.inf:
            row[f"gain_{name}"] = None  # infinite minus infinite
    remarks = [line for line in map(remark, metrics) if line]
    return html("mean", row, metrics, len(scores), CONVENTIONS[convention], infinite, remarks)


def _title(metric: str) -> str:
    """A metric's name with the unit of its figures."""
    from sharpcli.scoring.figures import metric_of

    return ", ".join(filter(None, (metric.upper(), metric_of(metric).unit)))


def bars(scores: Sequence[Score]) -> str:
    """The gain in the leading metric of each image, or its figure where there are no inputs, worst first, as HTML."""
    from sharpcli.scoring.figures import metric_of
    from sharpcli.scoring.tables import leading, ranked

    (column, ordered), metric = ranked(scores), leading(scores[0])
    drawn = [row for row in (score.row() for score in ordered) if math.isfinite(row[column])]
    gains, higher = column != metric, metric_of(metric).higher_is_better
    shown = _title(metric)
    if gains:
        title = (
            say("Gain in {metric}, smallest first", metric=shown)
            if higher
            else say("Gain in {metric}, largest first", metric=shown)
        )
    else:
        title = say("{metric}, lowest first", metric=shown) if higher else say("{metric}, highest first", metric=shown)
    loss = 0 if not gains else -1 if higher else 1  # the sign of one
    return html("bars", title, column, drawn, len(scores) - len(drawn), loss) if drawn else ""


def worst(scores: Sequence[Score], pairs: Sequence[Pair]) -> str:
    """The worst results, each beside its reference where it is farthest from it, as HTML."""
    from sharpcli.scoring import worst as score_crops
    from sharpcli.scoring.figures import metric_of
    from sharpcli.scoring.tables import leading

    cases = [
        (score.row(), {name: _address(pixels) for name, pixels in crops.items()})
        for score, crops in score_crops.worst(scores, pairs)
    ]
    if not cases:
        return ""
    metric = leading(scores[0])
    higher = metric_of(metric).higher_is_better
    name = metric.upper()
    if scores[0].input:
        extreme = (
            say("Smallest gain in {metric}", metric=name) if higher else say("Largest gain in {metric}", metric=name)
        )
    else:
        extreme = say("Lowest {metric}", metric=name) if higher else say("Highest {metric}", metric=name)
    return html("worst", extreme, list(scores[0].result), cases)


def _address(pixels: Pixels) -> str:
    """The image itself as an address, so that no file has to be kept for it."""
    from sharpcli.image.image import to_pil

    file = io.BytesIO()
    to_pil(pixels, "RGB").save(file, "WEBP", lossless=True)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def table(scores: Sequence[Score]) -> Styler:
    """One row an image, shown rounded, sorted by the exact figures."""
    import pandas as pd

    from sharpcli.scoring.figures import figure

    def shown(column: str) -> Callable[[float], str]:
        return lambda value: figure(column, math.copysign(math.inf, value) if abs(value) == HIGHEST else value)

    frame = pd.DataFrame([score.row() for score in scores]).replace([math.inf, -math.inf], [HIGHEST, -HIGHEST])
    heads = {"image": say("image")}
    for column in frame.columns[1:]:
        before, _, metric = column.rpartition("_")
        name = metric.upper()
        sides = {"": name, "input": say("input {metric}", metric=name), "gain": say("gain {metric}", metric=name)}
        heads[column] = sides[before]
    formats = {heads[column]: shown(column) for column in frame.columns[1:]}
    return frame.rename(columns=heads).style.format(formats)
