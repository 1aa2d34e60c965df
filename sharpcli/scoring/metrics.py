"""The metrics that come with sharpcli."""

# What computes them is imported when they are used: listing what is installed must answer at once.
from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sharpcli.plugin.hooks import hookimpl
from sharpcli.plugin.metric import LocalMetric, Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Psnr(LocalMetric):
    """Peak signal-to-noise ratio in dB, peak 255; infinite for equal values."""

    name = "psnr"
    summary = "peak signal-to-noise ratio"
    unit = "dB"
    places = 2

    def total(self, result: NDArray[Any], reference: NDArray[Any]) -> float:
        """The sum of squared errors."""
        return float(((result - reference) ** 2).sum())

    def figure(self, mean: float) -> float:
        """Decibels."""
        return math.inf if mean == 0 else 10 * math.log10(255**2 / mean)


class Ssim(LocalMetric):
    """Structural similarity (Wang and others 2004; see `ssim.py`), the mean over windows and channels."""

    name = "ssim"
    summary = "structural similarity, 11 x 11 windows"
    radius = 5
    least = 11

    def total(self, result: NDArray[Any], reference: NDArray[Any]) -> float:
        """The sum of the windows' similarities."""
        from sharpcli.scoring.ssim import ssim_sum

        return sum(ssim_sum(result[..., channel], reference[..., channel]) for channel in range(result.shape[2]))


class MsSsim(Metric):
    """Structural similarity at five scales (Wang, Simoncelli and Bovik 2003; see `ssim.py`), mean over channels."""

    name = "ms-ssim"
    summary = "structural similarity at five scales, each half the size of the last"
    least = 176  # 11 pixels, a window, at the coarsest scale

    def measure(self, result: NDArray[Any], reference: NDArray[Any]) -> float:
        """The mean of the channels' similarities."""
        from sharpcli.scoring.ssim import ms_ssim

        channels = range(result.shape[2])
        return sum(ms_ssim(result[..., channel], reference[..., channel]) for channel in channels) / len(channels)


STANDARD: tuple[Metric, ...] = (Psnr(), Ssim())
"""What is measured unless others are asked for."""


@hookimpl
def metrics() -> Iterable[type[Metric]]:
    """What `score` shows unless asked for others, and more."""
    return [Psnr, Ssim, MsSsim]
