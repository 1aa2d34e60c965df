"""What is told of a run while it goes on: rate, latency, load, step, drops."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

RECENT = 10.0
"""Seconds over which rate and latency are taken."""
MOST = 1200
"""Frames at most that are remembered for that: 120 a second."""


@dataclass(frozen=True)
class Figures:
    """Frames a second; added latency of 50 and 95 % of the frames at most, in seconds; share of the cores; counts."""

    rate: float
    p50: float
    p95: float
    cpu: float
    step: str
    frames: int
    dropped: int
    found: str = ""
    """What the step's enhancer found in the frames."""

    def line(self) -> str:
        """All of it in one line."""
        step = f"{self.step} ({self.found})" if self.found else self.step
        lost = self.dropped / max(1, self.frames + self.dropped)
        return (
            f"{self.rate:.1f} frames/s, added latency {self.p50 * 1000:.0f} ms (95 %: {self.p95 * 1000:.0f} ms), "
            f"CPU {self.cpu:.0%}, {step}, {self.dropped} dropped ({lost:.1%})"
        )


class Status:
    """Collects what `Figures` tells. Its memory does not grow."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.frames = 0
        self._clock = clock
        self._recent: deque[tuple[float, float]] = deque(maxlen=MOST)

    def done(self, latency: float) -> None:
        """Count a frame that left so many seconds after it had come."""
        self.frames += 1
        self._recent.append((self._clock(), latency))

    def figures(self, cpu: float, step: str, dropped: int, found: str = "") -> Figures:
        """The figures of the last seconds, with these of others."""
        now = self._clock()
        while self._recent and now - self._recent[0][0] > RECENT:
            self._recent.popleft()
        waits = sorted(latency for _, latency in self._recent)
        count = len(waits)
        span = now - self._recent[0][0] if count else 0.0
        rate = (count - 1) / span if count > 1 and span > 0 else 0.0
        p50, p95 = (waits[min(count - 1, int(share * count))] if count else 0.0 for share in (0.5, 0.95))
        return Figures(rate, p50, p95, cpu, step, self.frames, dropped, found)
