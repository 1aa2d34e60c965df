"""Keeps live frames within a share of the processor and within their time, by going down and up a ladder of steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sharpcli.live.steps import Step
from sharpcli.measure.cores import cores

if TYPE_CHECKING:
    from av import VideoFrame

WINDOW = 1.0
"""Seconds over which use is measured."""
ROOM = 0.85
"""The part of what is allowed that a step may need to be begun with."""
FIRST_WAIT, LONGEST_WAIT = 5.0, 160.0
"""Seconds before a better step is tried again; twice as many after each time that it was too much."""


class Governor:
    """Chooses `step`; `took` is told how long each frame took, in seconds.

    `cpu_share` is of all cores, `frame_seconds` the time from frame to frame. On battery half the share is used.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        cpu_share: float,
        frame_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        cpu_clock: Callable[[], float] = time.process_time,
        on_battery: Callable[[], bool] = lambda: False,
    ) -> None:
        self.steps, self.cpu_share, self.frame_seconds = steps, cpu_share, frame_seconds
        self._clock, self._cpu_clock, self._on_battery = clock, cpu_clock, on_battery
        self._index = 0
        self._wait = FIRST_WAIT
        self._begin_window()
        self._again = self._since + self._wait

    @property
    def step(self) -> Step:
        """What to do with the next frame."""
        return self.steps[self._index]

    def try_out(self, blank: Callable[[], VideoFrame]) -> None:
        """Begin with the best step that fits, by running each a few times, which also loads what it needs."""
        for index in reversed(range(len(self.steps) - 1)):
            self.steps[index].run(blank())
            runs = []
            for _ in range(3):
                began, cpu = self._clock(), self._cpu_clock()
                self.steps[index].run(blank())
                runs.append((self._clock() - began, self._cpu_clock() - cpu))
            seconds, cpu = (sorted(one)[1] for one in zip(*runs, strict=True))
            if max(seconds, cpu / self._allowed()) > ROOM * self.frame_seconds:
                self._index = index + 1
                break
            self._index = index
        self._begin_window()
        self._again = self._since + self._wait

    def took(self, seconds: float) -> None:
        """Note a frame, and change the step where need be."""
        self._busy += seconds
        self._frames += 1
        if (passed := self._clock() - self._since) < WINDOW:
            return
        used = (self._cpu_clock() - self._cpu) / passed / self._allowed()
        load = max(used, self._busy / self._frames / self.frame_seconds)
        self._begin_window()
        if load > 1 and self._index < len(self.steps) - 1:
            self._index += 1
            self._again = self._since + self._wait
            self._wait = min(2 * self._wait, LONGEST_WAIT)
        elif load < ROOM / 2 and self._index > 0 and self._since >= self._again:
            self._index -= 1
            self._again = self._since + self._wait

    def _allowed(self) -> float:
        """Cores."""
        return cores() * self.cpu_share / (2 if self._on_battery() else 1)

    def _begin_window(self) -> None:
        self._since, self._cpu, self._busy, self._frames = self._clock(), self._cpu_clock(), 0.0, 0
