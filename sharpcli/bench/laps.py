"""What a job's laps come to: median, 95th percentile, rate, cores, and the ratio to another job's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sharpcli.measure.timing import Lap


@dataclass(frozen=True)
class Ratio:
    """How many times as long one job takes as another: the median of all rounds, and the 5th and 95th percentiles."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Times:
    """The laps of one job, of which there is at least one. Percentiles are interpolated linearly between laps."""

    laps: tuple[Lap, ...]

    @property
    def seconds(self) -> list[float]:
        """Of each lap."""
        return [lap.seconds for lap in self.laps]

    @property
    def median(self) -> float:
        """Milliseconds that half of the laps stay below."""
        return 1000 * _percentile(self.seconds, 50)

    @property
    def p95(self) -> float:
        """Milliseconds that 95 % of the laps stay below."""
        return 1000 * _percentile(self.seconds, 95)

    @property
    def per_second(self) -> float | None:
        """How many of such jobs, one after the other, a second has; None where the clock saw none pass."""
        return 1000 / self.median if self.median else None

    @property
    def cores(self) -> float | None:
        """Processor seconds of all threads by the seconds that passed: how many cores were busy."""
        passed = sum(self.seconds)
        return sum(lap.processor for lap in self.laps) / passed if passed else None

    def against(self, other: Times) -> Ratio | None:
        """The ratio to another job's times, each lap by the other's of the same round; None where it has none."""
        pairs = zip(self.seconds, other.seconds, strict=False)  # a slow job has the first rounds only
        ratios = [mine / its for mine, its in pairs if its]
        return Ratio(*(_percentile(ratios, share) for share in (50, 5, 95))) if ratios else None


def _percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(values, share))
