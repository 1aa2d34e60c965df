"""Measures a result by any metrics and holds them to their contract, so that a failure names the package to blame."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import ImageError, SharpError
from sharpcli.image.image import Pixels, read_only
from sharpcli.plugin.failures import blamed, called
from sharpcli.plugin.metric import LocalMetric, Metric
from sharpcli.scoring.bands import row_bands

Values = Callable[[Pixels], NDArray[np.float64]]
Pair = tuple[Pixels, Pixels]
"""Result and reference, uint8 H x W x 3."""


def check_sides(metrics: Sequence[Metric], side: int, cut: int) -> None:
    """Raise ImageError for an image whose shorter side is too small, naming the metric that needs the largest.

    `cut` is how much of the side is left out where a metric is not measured on whole RGB images.
    """
    least, metric = max(((_least(metric, cut), metric) for metric in metrics), key=lambda need: need[0])
    if side < least:
        raise ImageError(f"is too small to be scored: {_named(metric)} needs {least} x {least} pixels")


def _least(metric: Metric, cut: int) -> int:
    window = 2 * metric.radius + 1 if isinstance(metric, LocalMetric) else 1
    return max(metric.least, window) + (0 if metric.color == "rgb" else cut)


def means_by(metrics: Sequence[Metric], rgb: Pair, compared: Pair, values: Values) -> dict[str, float]:
    """Of each metric by its name: its mean over places if it is measured in bands, else its figure.

    `values` makes of any rows of `compared` what a convention compares. Raises ImageError, which names the metric that
    is to blame.
    """
    local = [metric for metric in metrics if in_bands(metric)]
    means = _local_means(local, compared, values) if local else {}
    wholes: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {}
    for metric in metrics:
        if metric.name in means:
            continue
        if metric.color not in wholes:
            pair = rgb if metric.color == "rgb" else (values(compared[0]), values(compared[1]))
            wholes[metric.color] = read_only(pair[0]), read_only(pair[1])
        means[metric.name] = _number(metric, metric.measure, *_seen_by(metric, *wholes[metric.color]))
    return {metric.name: means[metric.name] for metric in metrics}


def figures_of(metrics: Sequence[Metric], means: Mapping[str, float]) -> dict[str, float]:
    """The figure of each metric by its name from what `means_by` returned, or from means of several such."""
    return {
        metric.name: _number(metric, metric.figure, means[metric.name])
        if isinstance(metric, LocalMetric) and in_bands(metric)
        else means[metric.name]
        for metric in metrics
    }


def in_bands(metric: Metric) -> bool:
    """Whether a metric is measured band by band, in little memory."""
    return isinstance(metric, LocalMetric) and metric.color == "convention"


def _local_means(metrics: Sequence[Any], compared: Pair, values: Values) -> dict[str, float]:
    """All metrics that are means over places, in one pass over the image, in little memory beyond its own."""
    height, width = compared[0].shape[:2]
    radius = max(metric.radius for metric in metrics)
    totals = dict.fromkeys((metric.name for metric in metrics), 0.0)
    for band in row_bands(height, width, radius):
        first, second = (read_only(values(pixels[band])) for pixels in compared)
        for metric in metrics:
            # The bands overlap for the largest radius; a place of a smaller one must still count once.
            own = slice(0, None if band.stop == height else band.stop - band.start - 2 * (radius - metric.radius))
            pair = _seen_by(metric, first[own], second[own])
            totals[metric.name] += _number(metric, metric.total, *pair)
    channels = first.shape[2]
    places = {metric.name: (height - 2 * metric.radius) * (width - 2 * metric.radius) * channels for metric in metrics}
    return {name: total / places[name] for name, total in totals.items()}


def _seen_by(metric: Metric, result: NDArray[Any], reference: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    return (result, reference) if metric.reference else (result, result)


def _number(metric: Metric, call: Callable[..., Any], *given: Any) -> float:
    """What a metric's method returns, once that is a number."""
    with _blamed(metric):
        returned = call(*given)
        number = float(returned) if isinstance(returned, Real) and not isinstance(returned, bool) else None
    if number is None or math.isnan(number):
        got = type(returned).__name__ if number is None else "NaN"
        raise ImageError(f"{_named(metric)} returned {got} instead of a number")
    return number


def _named(metric: Metric) -> str:
    return called("metric", metric.name, metric.origin)


@contextmanager
def _blamed(metric: Metric) -> Iterator[None]:
    """Turn whatever a metric raises into this image's failure, but for want of memory, which is nobody's mistake."""
    try:
        with blamed(_named(metric)):
            yield
    except ImageError:
        raise
    except SharpError as error:
        if isinstance(error.__cause__, MemoryError):
            raise error.__cause__ from None
        raise ImageError(str(error)) from error
