"""Divides the minutes that a plan has among its runs, and keeps of them what the ends of runs take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sharpcli_training.fit.conditioned.plan import RunPlan

MARGIN = 1.3
"""The end of a run may take this many times what it took before; machines are shared."""


class Budget:
    """The time until all runs that are left must be exported; it begins when it is made."""

    def __init__(self, seconds: float, runs: Sequence[RunPlan]) -> None:
        self.deadline = time.monotonic() + seconds
        self._left = list(runs)
        self._ends: dict[str, float] = {}

    def rehearse(
        self, run: RunPlan, export: Callable[[Path], Any], look: Callable[[], Any], looks: int, most: float
    ) -> None:
        """See how long the end of a run will take: export its networks, untrained, to a folder that is deleted again.

        They are validated by one look; later, validation will take `looks` of them, for `most` seconds. One run of each
        kind is enough.
        """
        if run.kind in self._ends:
            return
        with TemporaryDirectory() as folder:
            for _ in range(2):  # the first loads and traces, which is done only once
                exporting = time.monotonic()
                export(Path(folder))
        exported = time.monotonic()
        look()
        once = time.monotonic() - exported
        self._ends[run.kind] = exported - exporting + max(once, min(most, once * looks))

    def learning(self, run: RunPlan) -> float:
        """Seconds that a run may learn from now on: its share of what the ends of all runs leave, at least one."""
        ends = MARGIN * sum(self._ends[one.kind] for one in self._left)
        rest = self.deadline - time.monotonic() - ends
        return max(1.0, rest * run.seconds / sum(one.seconds for one in self._left))

    def ended(self, run: RunPlan, seconds: float) -> None:
        """Note that a run is exported, and how long that took after its last step."""
        self._left.remove(run)
        self._ends[run.kind] = seconds
