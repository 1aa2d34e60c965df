"""How figures are written for people: the same on a terminal, on a sheet and on a page."""

from __future__ import annotations

from sharpcli.plugin.metric import Metric
from sharpcli.plugin.registry import load_registry
from sharpcli.scoring.clips.metrics import OF_CLIPS

NONE = "-"
GAIN, INPUT = "gain_", "input_"
"""What stands before a metric's name in the columns of gains and of the input's figures."""


def metric_of(column: str) -> type[Metric]:
    """The metric that a column holds figures of, or gains; what no plugin offers has nothing of its own to say."""
    name = column.removeprefix(GAIN).removeprefix(INPUT)
    return OF_CLIPS.get(name) or load_registry().metrics.get(name, Metric)


def figure(name: str, value: float | None) -> str:
    """A value by its column's name: a metric's to as many places as it asks for, a gain with its sign, ms as fits.

    An infinite one, as the PSNR of identical images, is written in words.
    """
    if value is None:
        return NONE
    if name == "ms":
        return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
    sign = "+" if name.startswith(GAIN) else ""
    return f"{value:{sign}.{metric_of(name).places}f}".replace("inf", "infinite")


def with_unit(name: str, value: float) -> str:
    """The same with the metric's unit behind it."""
    return f"{figure(name, value)} {metric_of(name).unit}".strip()


def remark(name: str) -> str:
    """What a reader has to know of a metric who expects that more is better and that like is compared with like."""
    metric, notes = metric_of(name), []
    if not metric.higher_is_better:
        notes.append("lower is better, also for gains")
    if not metric.reference:
        notes.append("measures an image without its reference")
    if metric.color == "rgb":
        notes.append("measures whole RGB images in every convention")
    return f"{name}: {'; '.join(notes)}" if notes else ""
