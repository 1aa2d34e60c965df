"""Figures of a live run, and the line that tells them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import numpy as np

from sharpcli.measure.cores import cores

LAST = 300
"""Frames that the figures are of."""


class Status:
    """Frames a second, added latency, processor time, step and drops."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, cpu_clock: Callable[[], float] = time.process_time
    ) -> None:
        self.frames = 0
        self._clock, self._cpu_clock = clock, cpu_clock
        self._latest: deque[tuple[float, float, float]] = deque(maxlen=LAST)

    def add(self, latency: float) -> None:
        """Note a frame that left so many seconds after it came."""
        self.frames += 1
        self._latest.append((self._clock(), self._cpu_clock(), latency))

    def line(self, step: str, drops: int) -> str:
        """All of it in one line."""
        if len(self._latest) < 2:
            return f"{self.frames} frames, {drops} dropped, {step}"
        (begin, cpu, _), (end, cpu_end, _) = self._latest[0], self._latest[-1]
        seconds = max(end - begin, 1e-9)
        half, most = (1000 * float(np.quantile([one[2] for one in self._latest], part)) for part in (0.5, 0.95))
        return (
            f"{(len(self._latest) - 1) / seconds:.1f} frames/s, added latency {half:.0f} ms (95 %: {most:.0f} ms), "
            f"CPU {(cpu_end - cpu) / seconds:.2f} of {cores()} cores, {drops} dropped, {step}"
        )
