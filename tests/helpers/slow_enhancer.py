"""An enhancer that takes its time without taking the processor, and notes each piece that it is given."""

import os
import time
from pathlib import Path

from sharpcli.plugin import Enhancer, hookimpl, option

SMALL = 64
"""Sides up to which it is only being tried."""


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
            time.sleep(self.seconds)
            with Path(os.environ["SHARPCLI_TEST_SLOW"]).open("a") as file:
                file.write(f"{pixels.shape[0]}x{pixels.shape[1]}\n")
        return 255 - pixels


@hookimpl
def enhancers():
    """This one."""
    return [SlowEnhancer]
