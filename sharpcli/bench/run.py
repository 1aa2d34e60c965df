"""Measures enhancers on one image: times with and without its file, memory, cores, and what they cost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sharpcli.bench.input import BenchInput
from sharpcli.bench.laps import Ratio
from sharpcli.bench.trial import Measured, Trial
from sharpcli.measure.timing import LED, alternated
from sharpcli.pipeline.spec import EnhancerSpec

ROUNDS = 20
Track = Callable[[Sequence[Any], str], Iterable[Any]]
"""Hands on the steps that it is given, to show how far they are; the text says what they are."""


@dataclass(frozen=True)
class Benchmark:
    """All results, what failed (label and reason), and whose times the others' are set against.

    `load` is how many threads wanted to run on the machine before and after, averaged over a minute; None where the
    system does not tell.
    """

    input: BenchInput
    rounds: int
    results: tuple[Measured, ...]
    failed: tuple[tuple[str, str], ...] = ()
    base: Measured | None = None
    load: tuple[float, float] | None = None

    def ratio(self, result: Measured, job: str) -> Ratio | None:
        """A result's time as a multiple of the base's, round by round; None without a base."""
        return result.times(job).against(self.base.times(job)) if self.base else None


def measure(
    specs: Sequence[EnhancerSpec],
    input: BenchInput,
    folder: Path,
    rounds: int = ROUNDS,
    base: EnhancerSpec | None = None,
    track: Track = lambda steps, text: steps,
) -> Benchmark:
    """Measure the enhancers, and set them against `base`, which is one of them.

    Before each time that counts its job is done LED times untimed, so that an image follows its like, as in a video
    or a folder of them. Resulting files lie in `folder`. Raises SharpError for an enhancer that does not exist; what
    fails is among the failed.
    """
    before = _load()
    trials = [
        Trial(spec, spec.create(input.upscale), input, folder / f"{number}.{input.ending}")
        for number, spec in enumerate(specs)
    ]
    for trial in track(trials, "memory"):
        trial.attempt(trial.enter)
    jobs = {(one.spec, name): partial(one.attempt, job) for one in trials for name, job in one.jobs.items()}
    laps = alternated(jobs, rounds, warm=0, led=LED, track=lambda turns: track(turns, "times"))
    made = {one.spec: one.attempt(partial(one.result, laps)) for one in trials}
    return Benchmark(
        input,
        rounds,
        tuple(filter(None, made.values())),
        tuple((one.spec.label, one.failure) for one in trials if one.failure),
        made[base] if base else None,
        (before, after) if before is not None and (after := _load()) is not None else None,
    )


def _load() -> float | None:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
