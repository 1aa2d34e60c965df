"""Times jobs in alternation, so that what else the machine does hurts all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

SLOW = 1.0
"""Seconds from which on a job is timed no more than FEW times."""
FEW = 2
WARM = 2
"""Turns that do not count: a network loads its weights in the first and compiles for the size in the second."""
LED = 2
"""Runs that lead to a network's steady state, whoever used the same weights in between: a size has to come twice in a
row to be compiled for, and the one that was compiled for before may have had to go."""

Key = TypeVar("Key")


@dataclass(frozen=True)
class Lap:
    """What one run of a job took: seconds that passed, and seconds of all this process's threads together."""

    seconds: float
    processor: float


def alternated(
    jobs: Mapping[Key, Callable[[], object]],
    rounds: int,
    *,
    warm: int = WARM,
    led: int = 0,
    slow: float = SLOW,
    track: Callable[[range], Iterable[int]] = iter,
) -> dict[Key, list[Lap]]:
    """The laps of each job, of which those at one place of the lists are of one round: all jobs take turns in it.

    Before `rounds` rounds come `warm` that do not count. `led` is how often a job is run untimed before each lap, so
    that it follows its like, as a video's frame does, and not another job; see LED. A job that takes more than `slow`
    seconds has only FEW laps, and nothing leads it once that is known: what it follows makes no difference to it.
    `track` is given the turns and hands them on, to show how far they are.
    """
    laps: dict[Key, list[Lap]] = {key: [] for key in jobs}
    for turn in track(range(warm + rounds if rounds else 0)):
        for key, job in jobs.items():
            # The quickest decides: the first may have loaded libraries, and any other may have been disturbed.
            is_slow = min((lap.seconds for lap in laps[key]), default=0) > slow
            if is_slow and turn >= warm + FEW:
                continue
            for _ in range(0 if is_slow else led):
                job()
            laps[key].append(_lap(job))
    return {key: taken[warm:] for key, taken in laps.items()}


def _lap(job: Callable[[], Any]) -> Lap:
    """One run. The clock stops when the job has returned: what it returns has to be there by then."""
    processor, began = time.process_time(), time.perf_counter()
    job()
    ended = time.perf_counter()
    return Lap(ended - began, time.process_time() - processor)
