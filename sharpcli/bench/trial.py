"""An enhancer on its way through a benchmark: made ready, run, and reported with its measurements."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sharpcli.bench.footprint import Footprint, file_job, footprint
from sharpcli.bench.input import BenchInput
from sharpcli.bench.laps import Times
from sharpcli.errors import SharpError
from sharpcli.measure.timing import Lap
from sharpcli.pipeline.guard import for_image, for_this_machine, weight_files, with_threads
from sharpcli.pipeline.run import GROUPS, enlarged, sharpen
from sharpcli.pipeline.spec import EnhancerSpec, describe_enhancer
from sharpcli.plugin.cards import Card, card_of
from sharpcli.plugin.enhancer import Cost, Enhancer
from sharpcli.plugin.failures import reason
from sharpcli.plugin.sources import Origin

MEMORY, FILE = "memory", "file"
"""The two jobs that are timed: pixels to pixels in memory, and file to file."""
T = TypeVar("T")


@dataclass(frozen=True)
class Measured:
    """What came out for one enhancer; `label` says what this machine chose, `made` is its description."""

    label: str
    pixels: int
    made: dict[str, Any]
    origin: Origin | None
    memory: Times
    file: Times
    footprint: Footprint
    device: str
    cost: Cost

    @property
    def gmac(self) -> float | None:
        """Billions of multiply-adds for the whole image."""
        each = self.cost.kmac_per_pixel
        return None if each is None else each * self.pixels / 1e6

    def times(self, job: str) -> Times:
        """Those of MEMORY or FILE."""
        return self.memory if job == MEMORY else self.file


@dataclass
class Trial:
    """One enhancer of a benchmark; what goes wrong with it is its own failure and costs the others nothing."""

    spec: EnhancerSpec
    created: Enhancer
    input: BenchInput
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
        where = self.spec, self.input.upscale, self.input.file, self.target
        self.footprint = footprint(*where)
        self.enhancer = with_threads(for_this_machine(self.created), 1)
        alone = partial(sharpen, self.input.image, self.enhancer, upscale=self.input.upscale)
        self.jobs = {MEMORY: alone, FILE: file_job(*where)}

    def result(self, laps: Mapping[tuple[EnhancerSpec, str], Sequence[Lap]]) -> Measured:
        """What it came to."""
        memory, file = (Times(tuple(laps[self.spec, job])) for job in (MEMORY, FILE))
        image = enlarged(self.input.image, self.input.upscale)
        # Which weights are used may depend on the image.
        chosen = for_image(self.enhancer, image.pixels[..., GROUPS[image.mode][0]])
        label = _label(self.spec, self.created, self.enhancer)
        made, origin, device = describe_enhancer(chosen), chosen.origin, str(chosen.device())
        pixels = math.prod(self.input.size)
        return Measured(label, pixels, made, origin, memory, file, self.footprint, device, _cost(chosen))


def _label(spec: EnhancerSpec, created: Enhancer, resolved: Enhancer) -> str:
    """The spec's label, and in brackets what this machine chose where it was left open."""
    values = {one.name: (getattr(created, one.name, None), getattr(resolved, one.name)) for one in resolved.options()}
    chosen = EnhancerSpec("", tuple((name, str(after)) for name, (before, after) in values.items() if before != after))
    return f"{spec.label} ({chosen.label.strip()})" if chosen.options else spec.label


def _cost(enhancer: Enhancer) -> Cost:
    """What the card of its weights says; the enhancer itself where that says nothing or there is not one file alone."""
    files, own = weight_files(enhancer), enhancer.cost() or Cost()
    card = card_of(files[0]) if len(files) == 1 else Card()
    return Cost(_known(card.parameters, own.parameters), _known(card.kmac_per_pixel, own.kmac_per_pixel))


def _known(*values: Any) -> Any:
    """The first that is a number."""
    return next((value for value in values if isinstance(value, (int, float)) and math.isfinite(value)), None)
