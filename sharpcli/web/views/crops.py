"""The crops of a comparison as HTML: figures that stand side by side where there is room, and below each other else."""

from __future__ import annotations

from base64 import b64encode
from html import escape

from sharpcli.compare.compare import METRICS, Candidate, Comparison
from sharpcli.image.crops import Window, as_png
from sharpcli.image.image import to_pil
from sharpcli.scoring.figures import figure, with_unit
from sharpcli.web.words.say import say_known


def crop_grid(comparison: Comparison, where: Window, zoom: int) -> str:
    """A figure for each candidate: the same crop, each pixel shown as a square, above it name, time and scores."""
    columns = where[1]
    width = zoom * (columns.stop - columns.start)
    figures = "".join(_figure(one, comparison, where, width) for one in comparison.candidates)
    return f'<div class="crop-grid" style="--crop: {width}px">{figures}</div>'


def _figure(candidate: Candidate, comparison: Comparison, where: Window, width: int) -> str:
    content = b64encode(as_png(to_pil(candidate.pixels[where], "RGB"), comparison.profile)).decode()
    label = escape(candidate.label)
    time = (
        f"{figure('ms', 1000 * candidate.seconds)} ms" if candidate.seconds is not None else say_known(candidate.role)
    )
    lines = [f"<b>{label}</b>", f"<span>{time}</span>"]
    lines += [_scored(candidate, metric) for metric in METRICS if metric in candidate.scores]
    return (
        f"<figure><figcaption>{''.join(lines)}</figcaption>"
        f'<img alt="{label}" src="data:image/png;base64,{content}" style="width: {width}px"></figure>'
    )


def _scored(candidate: Candidate, metric: str) -> str:
    text = f"{metric.upper()} {with_unit(metric, candidate.scores[metric])}"
    won = candidate.scores.get(f"gain_{metric}")
    if won is None:
        return f"<span>{text}</span>"
    kind = "better" if won > 0 else "worse" if won < 0 else "same"
    return f'<span>{text} <i class="{kind}">{figure(f"gain_{metric}", won)}</i></span>'
