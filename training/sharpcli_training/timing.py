"""How long enhancers take for a picture, and the command line to answer, measured in alternation."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median

from sharpcli.pipeline import sharpen
from sharpcli.sample_pictures import photograph
from sharpcli_training.rows import Row

SIZE = (1920, 1080)
SLOW = 1.0
"""Seconds from which on a row is timed no more than FEW times."""
FEW = 2
WARM = 2
STARTUP = {
    "python with click": ["-c", "import click"],
    "sharpcli --help": ["-m", "sharpcli", "--help"],
    "sharpcli enhancers": ["-m", "sharpcli", "enhancers"],
}


def time_rows(rows: Sequence[Row], profile: str, rounds: int, size: tuple[int, int] = SIZE) -> dict[Row, float]:
    """Median seconds of each row for one picture of `size` (width, height) in memory, uint8 RGB to uint8 RGB.

    The rows take turns, so that what else the machine does hurts all alike; the first turn loads weights, the second
    compiles for the size, and neither is counted. Raises SharpError.
    """
    picture = photograph(size)
    enhancers = {row: enhancer for row in rows if (enhancer := row.make(profile))}
    seconds: dict[Row, list[float]] = {row: [] for row in enhancers}
    for turn in range(rounds + WARM if rounds else 0):
        for row, enhancer in enhancers.items():
            if turn >= WARM + FEW and seconds[row][0] > SLOW:
                continue
            began = time.perf_counter()
            sharpen(picture, enhancer)
            seconds[row].append(time.perf_counter() - began)
    return {row: median(taken[WARM:]) for row, taken in seconds.items() if rounds}


def time_startup(rounds: int) -> dict[str, float]:
    """Median seconds until Python with click alone, and until the command line, has answered and ended."""
    seconds: dict[str, list[float]] = {name: [] for name in STARTUP}
    for _ in range(rounds):
        for name, arguments in STARTUP.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            seconds[name].append(time.perf_counter() - began)
    return {name: median(taken) for name, taken in seconds.items() if rounds}
