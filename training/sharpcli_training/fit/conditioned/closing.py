"""How long the end of a run takes: what a run by the clock keeps for being validated and exported in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sharpcli_training.fit.conditioned.plan import RunPlan

MARGIN = 1.3
"""The end of a run may take this many times what it took before; machines are shared."""


class Closing:
    """Seconds that the ends of runs take, by kind: rehearsed at first, then as the last run's own end took."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def rehearse(
        self, run: RunPlan, export: Callable[[Path], Any], look: Callable[[], Any], looks: int, most: float
    ) -> None:
        """Export what has learned nothing yet, into a folder that is deleted again, and validate it once.

        Validation will look `looks` times, for `most` seconds. Runs of a kind that is known are not rehearsed.
        """
        if run.kind in self._seconds:
            return
        begun = time.monotonic()
        with TemporaryDirectory() as folder:
            export(Path(folder))
        exported = time.monotonic()
        look()
        once = time.monotonic() - exported
        self.took(run, exported - begun + max(once, min(most, once * looks)))

    def took(self, run: RunPlan, seconds: float) -> None:
        """Note what the end of a run took."""
        self._seconds[run.kind] = seconds

    def kept(self, run: RunPlan, left: float) -> float:
        """Seconds to keep of those that are left: never more than half, or nothing would be learned."""
        return min(MARGIN * self._seconds[run.kind], left / 2)
