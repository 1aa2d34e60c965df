"""Measures enhancers on one picture: times with and without its file, memory, cores, and what they cost."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sharpcli.alternation import LED, Lap, alternated
from sharpcli.cards import Card, card_of
from sharpcli.contenders import Contender
from sharpcli.contract import prepare
from sharpcli.enhancer import Cost, Enhancer
from sharpcli.errors import SharpError
from sharpcli.footprint import Footprint, file_job, footprint
from sharpcli.lap_times import Ratio, Times
from sharpcli.origin import Origin
from sharpcli.pipeline import GROUPS, described, enlarged, sharpen
from sharpcli.plugin_blame import reason
from sharpcli.subject import Subject

ROUNDS = 20
MEMORY, FILE = "memory", "file"
"""The two jobs that are timed: pixels to pixels in memory, and file to file."""
T = TypeVar("T")
Track = Callable[[Sequence[Any], str], Iterable[Any]]
"""Hands on the steps that it is given, to show how far they are; the text says what they are."""


@dataclass(frozen=True)
class Result:
    """What one contender came to; `label` tells what this machine settled, `made` is what `described` says of it."""

    label: str
    made: dict[str, Any]
    origin: Origin | None
    memory: Times
    file: Times
    footprint: Footprint
    device: str
    cost: Cost

    def times(self, job: str) -> Times:
        """Those of MEMORY or FILE."""
        return self.memory if job == MEMORY else self.file


@dataclass(frozen=True)
class Benchmark:
    """All results, what failed (label and reason), and whose times the others' are set against.

    `load` is how many threads wanted to run on the machine before and after, averaged over a minute; None where the
    system does not tell.
    """

    subject: Subject
    rounds: int
    results: tuple[Result, ...]
    failed: tuple[tuple[str, str], ...] = ()
    base: Result | None = None
    load: tuple[float, float] | None = None

    def ratio(self, result: Result, job: str) -> Ratio | None:
        """A result's time as a multiple of the base's, round by round; None without a base."""
        return result.times(job).against(self.base.times(job)) if self.base else None


@dataclass
class _Entrant:
    """A contender on its way; what goes wrong with it is its own failure and costs the others nothing."""

    contender: Contender
    created: Enhancer
    subject: Subject
    target: Path
    footprint: Footprint = field(init=False)
    enhancer: Enhancer = field(init=False)
    jobs: dict[str, Callable[[], object]] = field(default_factory=dict)
    failure: str = ""

    def attempt(self, step: Callable[[], T]) -> T | None:
        """What a step returns; None once something has gone wrong."""
        if self.failure:
            return None
        try:
            return step()
        except SharpError as error:
            self.failure = str(error)
        except Exception as error:  # a plugin's methods, most of which no contract holds to anything
            self.failure = reason(error)
        return None

    def enter(self) -> None:
        """Take the footprint, which also shows whether it works at all, and make the jobs ready."""
        where = self.contender, self.subject.upscale, self.subject.file, self.target
        self.footprint = footprint(*where)
        self.enhancer = self.created.settled().shared(1)
        alone = partial(sharpen, self.subject.picture, self.enhancer, upscale=self.subject.upscale)
        self.jobs = {MEMORY: alone, FILE: file_job(*where)}

    def result(self, laps: dict[tuple[Contender, str], list[Lap]]) -> Result:
        """What it came to."""
        memory, file = (Times(tuple(laps[self.contender, job])) for job in (MEMORY, FILE))
        picture = enlarged(self.subject.picture, self.subject.upscale)
        # Which weights are used may depend on the picture.
        chosen = prepare(self.enhancer, picture.pixels[..., GROUPS[picture.mode][0]])
        label = _label(self.contender, self.created, self.enhancer)
        made, origin, device = described(self.enhancer), self.enhancer.origin, str(chosen.device())
        return Result(label, made, origin, memory, file, self.footprint, device, _cost(chosen))


def measure(
    contenders: Sequence[Contender],
    subject: Subject,
    folder: Path,
    rounds: int = ROUNDS,
    base: Contender | None = None,
    track: Track = lambda steps, text: steps,
) -> Benchmark:
    """Measure the contenders, and set them against `base`, which is one of them.

    Before each time that counts its job is done LED times untimed, so that a picture follows its like, as in a video
    or a folder of them. Resulting files lie in `folder`. Raises SharpError for a contender that does not exist; what
    fails is among the failed.
    """
    before = _load()
    entrants = [
        _Entrant(contender, contender.enhancer(subject.upscale), subject, folder / f"{number}.{subject.ending}")
        for number, contender in enumerate(contenders)
    ]
    for entrant in track(entrants, "memory"):
        entrant.attempt(entrant.enter)
    jobs = {(one.contender, name): partial(one.attempt, job) for one in entrants for name, job in one.jobs.items()}
    laps = alternated(jobs, rounds, warm=0, led=LED, track=lambda turns: track(turns, "times"))
    made = {one.contender: one.attempt(partial(one.result, laps)) for one in entrants}
    return Benchmark(
        subject,
        rounds,
        tuple(filter(None, made.values())),
        tuple((one.contender.label, one.failure) for one in entrants if one.failure),
        made[base] if base else None,
        (before, after) if before is not None and (after := _load()) is not None else None,
    )


def _load() -> float | None:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _label(contender: Contender, created: Enhancer, settled: Enhancer) -> str:
    """The contender's label, and in brackets what this machine chose where it was left open."""
    values = {one.name: (getattr(created, one.name), getattr(settled, one.name)) for one in settled.options()}
    chosen = Contender("", tuple((name, str(after)) for name, (before, after) in values.items() if before != after))
    return f"{contender.label} ({chosen.label.strip()})" if chosen.options else contender.label


def _cost(enhancer: Enhancer) -> Cost:
    """What the card of its weights says; the enhancer itself where that says nothing or there is not one file alone."""
    used, own = enhancer.used(), enhancer.cost() or Cost()
    card = card_of(used[0]) if len(used) == 1 else Card()
    return Cost(_known(card.parameters, own.parameters), _known(card.kmac_per_pixel, own.kmac_per_pixel))


def _known(*values: Any) -> Any:
    """The first that is a number."""
    return next((value for value in values if isinstance(value, (int, float)) and math.isfinite(value)), None)
