"""An enhancer that takes its time without taking the processor, and whose pieces a test counts and holds back."""

import os
import time
from pathlib import Path

from sharpcli.plugin import Enhancer, hookimpl, option

FOLDER = "SHARPCLI_TEST_SLOW"
"""Names the folder of its `log` of pieces, and of `most`: how many there may be before others wait."""
SMALL = 64
"""Sides up to which it is only being tried."""
PATIENCE = 60.0
"""Seconds for which a piece waits at most."""


class SlowEnhancer(Enhancer):
    """Inverts; `seconds` a tile."""

    name = "slow"
    summary = "for tests"
    color = "any"
    dtype = "uint8"
    receptive_radius = 0
    seconds: float = option(0.3, "how long a tile takes", min=0, max=10)

    def enhance(self, pixels):
        """The negative."""
        if max(pixels.shape) > SMALL:
            slow = Slow(os.environ[FOLDER])
            until = time.monotonic() + PATIENCE
            while slow.held() and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(self.seconds)
            with slow.log.open("a") as file:
                file.write(f"{pixels.shape[0]}x{pixels.shape[1]}\n")
        return 255 - pixels


class Slow:
    """Its pieces, as a test sees them."""

    def __init__(self, folder):
        """Nothing is held back; `tiles` counts from now."""
        self.log, self._most = Path(folder) / "log", Path(folder) / "most"
        self._before = self._made()

    def tiles(self):
        """How many were made."""
        return self._made() - self._before

    def allow(self, more):
        """Hold back what comes after so many more, until `let_go`: what is said meanwhile stays to be read."""
        self._most.write_text(f"{self._made() + more}\n")

    def let_go(self):
        """Hold nothing back."""
        self._most.unlink(missing_ok=True)

    def held(self):
        """Whether the next one is held back."""
        try:
            most = self._most.read_text()
        except FileNotFoundError:
            return False
        return not most.endswith("\n") or self._made() >= int(most)

    def _made(self):
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0


@hookimpl
def enhancers():
    """This one."""
    return [SlowEnhancer]
