"""How long enhancers take for an image, and the command line to answer, measured in alternation."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from statistics import median

from sharpcli.image.sample import photograph
from sharpcli.measure.timing import alternated
from sharpcli.pipeline.run import sharpen
from sharpcli_training.evaluation.rows import Row

TIMED_SIZE = (1920, 1080)
STARTUP = {
    "python with click": ["-c", "import click"],
    "sharpcli --help": ["-m", "sharpcli", "--help"],
    "sharpcli enhancers": ["-m", "sharpcli", "enhancers"],
}


def time_rows(rows: Sequence[Row], profile: str, rounds: int) -> dict[Row, float]:
    """Median seconds of each row for one image of TIMED_SIZE in memory, uint8 RGB to uint8 RGB.

    The rows take turns, see `alternated`. Raises SharpError.
    """
    image = photograph(TIMED_SIZE)
    jobs = {row: partial(sharpen, image, enhancer) for row in rows if (enhancer := row.make(profile))}
    laps = alternated(jobs, rounds)
    return {row: median(lap.seconds for lap in taken) for row, taken in laps.items() if rounds}


def time_startup(rounds: int) -> dict[str, float]:
    """Median seconds until Python with click alone, and until the command line, has answered and ended."""
    jobs = {
        name: partial(subprocess.run, [sys.executable, *arguments], check=True, capture_output=True)
        for name, arguments in STARTUP.items()
    }
    laps = alternated(jobs, rounds, warm=0, slow=math.inf)
    return {name: median(lap.seconds for lap in taken) for name, taken in laps.items() if rounds}
