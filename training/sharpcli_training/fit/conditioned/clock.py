"""How far a run is, by the clock or by steps, and the rates that follow from it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

WARMUP = 0.03
"""Share of a run in which rates climb."""


@dataclass
class Clock:
    """Progress of a run that has `seconds`, or `steps` where that is not 0."""

    seconds: float
    steps: int = 0
    step: int = 0
    """Steps that were made."""
    spent: float = 0.0
    """Seconds that were learned in before this process."""
    since: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds of learning so far, those before an interruption too."""
        return self.spent + time.monotonic() - self.since

    @property
    def progress(self) -> float:
        """From 0 to 1, when the run is over."""
        share = self.step / self.steps if self.steps else self.elapsed / max(self.seconds, 1e-3)
        return min(1.0, share)

    @property
    def over(self) -> bool:
        """Whether the run has ended: all is done, or one more step like those before would take too long."""
        if self.progress >= 1:
            return True
        return self._fit() < 1

    @property
    def last(self) -> bool:
        """Whether the step that comes now is the last for which there is time."""
        return self._fit() < 2

    def _fit(self) -> float:
        """How many steps like those before there is still time for."""
        if self.steps or not self.step:
            return math.inf
        return (self.seconds - self.elapsed) * self.step / max(self.elapsed, 1e-9)

    def restart(self) -> None:
        """What passed in this process so far was preparation: less is left, but none of it was progress."""
        lost = time.monotonic() - self.since
        self.seconds = max(self.seconds - lost, self.spent)
        self.since += lost


def rate_at(progress: float, peak: float) -> float:
    """A linear climb, then a half cosine that ends at zero (Loshchilov & Hutter, 2017)."""
    if progress < WARMUP:
        return peak * progress / WARMUP
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - WARMUP) / (1 - WARMUP)))
