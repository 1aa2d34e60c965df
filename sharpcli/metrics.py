"""The metrics that come with sharpcli."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sharpcli.hookspecs import hookimpl
from sharpcli.metric import LocalMetric, Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Psnr(LocalMetric):
    """Peak signal-to-noise ratio, peak 255."""

    name = "psnr"
    summary = "peak signal-to-noise ratio"
    unit = "dB"
    places = 2

    def total(self, result: NDArray[Any], reference: NDArray[Any]) -> float:
        """The sum of squared errors."""
        return float(((result - reference) ** 2).sum())


@hookimpl
def metrics() -> Iterable[type[Metric]]:
    """What `score` shows unless asked for others, and more."""
    return [Psnr]
