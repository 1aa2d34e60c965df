"""How scores are shown on the page."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2
    from pandas.io.formats.style import Styler

    from sharpcli.pairing import Pair
    from sharpcli.pictures import Pixels
    from sharpcli.scoring import Score
    from sharpcli.web.running_score import RunningScore

EMPTY = "<p>Add results and references, then press Score.</p>"
HIGHEST = 1e9
"""Stands for an infinite figure, which JSON has not, so that it sorts as the highest all the same."""


@cache
def _template() -> jinja2.Template:
    import jinja2

    from sharpcli.figures import figure
    from sharpcli.report_formats import visible

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sharpcli.web", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": lambda value, column: figure(column, value), "visible": visible}
    return environment.get_template("score.html.j2")


def html(part: str, *values: Any) -> str:
    """A part of the template, in which every name is escaped."""
    return str(getattr(_template().module, part)(*values))


def ending(score: RunningScore) -> str:
    """How it went, as HTML."""
    return html("stopped") if score.stopped else html("ending", len(score.scores), score.failures)


def mean_table(scores: Sequence[Score], convention: str) -> str:
    """The mean figures and how they were computed, as HTML."""
    from sharpcli.scoring import CONVENTIONS, mean

    infinite = any(math.isinf(s.result["psnr"]) or math.isinf(s.input.get("psnr", 0)) for s in scores)
    row = mean(scores).row()
    if row["psnr"] == row.get("input_psnr") == math.inf:
        row["gain_psnr"] = None  # infinite minus infinite
    return html("mean", row, len(scores), CONVENTIONS[convention], infinite)


def bars(scores: Sequence[Score]) -> str:
    """The gain in PSNR of each picture, or its PSNR where there are no inputs, lowest first, as HTML."""
    from sharpcli.score_tables import ranked

    column, ordered = ranked(scores)
    drawn = [row for row in (score.row() for score in ordered) if math.isfinite(row[column])]
    title = "Gain in PSNR, dB" if column.startswith("gain") else "PSNR, dB"
    return html("bars", title, column, drawn, len(scores) - len(drawn)) if drawn else ""


def worst(scores: Sequence[Score], pairs: Sequence[Pair]) -> str:
    """The results that gain least, each beside its reference where it is farthest from it, as HTML."""
    from sharpcli import score_crops

    cases = [
        (score.row(), {name: _address(pixels) for name, pixels in crops.items()})
        for score, crops in score_crops.worst(scores, pairs)
    ]
    return html("worst", cases) if cases else ""


def _address(pixels: Pixels) -> str:
    """The picture itself as an address, so that no file has to be kept for it."""
    from sharpcli.pictures import to_image

    file = io.BytesIO()
    to_image(pixels, "RGB").save(file, "WEBP", lossless=True)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def table(scores: Sequence[Score]) -> Styler:
    """One row a picture, shown rounded, sorted by the exact figures."""
    import pandas as pd

    from sharpcli.figures import figure

    def shown(column: str) -> Callable[[float], str]:
        return lambda value: figure(column, math.copysign(math.inf, value) if abs(value) == HIGHEST else value)

    frame = pd.DataFrame([score.row() for score in scores]).replace([math.inf, -math.inf], [HIGHEST, -HIGHEST])
    heads = {name: name.replace("_", " ").replace("psnr", "PSNR").replace("ssim", "SSIM") for name in frame.columns}
    formats = {heads[column]: shown(column) for column in frame.columns[1:]}
    return frame.rename(columns=heads).style.format(formats)
