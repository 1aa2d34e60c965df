"""Scores of what was tried on a call, as `sharpcli score --convention y` counts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from av import VideoFrame

from calling.line import Cell, called
from calling.methods import Method
from sharpcli.scoring.clips.metrics import Flicker, TemporalPsnr
from sharpcli.scoring.clips.motion import ratio
from sharpcli.scoring.clips.tally import Moment, Sums, Tally, compared, tallied
from sharpcli.scoring.metrics import Psnr

CONVENTION, METRICS = "y", (Psnr(),)


@dataclass(frozen=True)
class Figures:
    """Of one clip: PSNR and temporal PSNR in dB, and flicker as a multiple of the input's."""

    psnr: float
    temporal: float
    flicker: float


@dataclass(frozen=True)
class Row:
    """One clip through one line: kbit/s asked for and spent, the figures of what was delivered and of each method.

    `original` is the flicker of the original itself, as a multiple of the input's.
    """

    cell: Cell
    asked: float
    spent: float
    input: Figures
    results: dict[str, Figures]
    original: float


def measured(frames: Sequence[VideoFrame], rate: Fraction, cell: Cell, methods: Mapping[str, Method]) -> Row:
    """Send a clip through a line, and try each method on what is delivered."""
    delivered = called(frames, rate, cell)
    (before, *results), original = scored(frames, delivered.frames, methods)
    return Row(cell, delivered.asked, delivered.spent, before, dict(zip(methods, results, strict=True)), original)


def untouched(frames: Sequence[VideoFrame], methods: Mapping[str, Method]) -> dict[str, float]:
    """The PSNR of what each method makes of the originals themselves: infinite where it leaves them alone."""
    (_, *results), _ = scored(frames, frames, methods)
    return {name: figures.psnr for name, figures in zip(methods, results, strict=True)}


def scored(
    frames: Sequence[VideoFrame], delivered: Sequence[VideoFrame], methods: Mapping[str, Method]
) -> tuple[list[Figures], float]:
    """The figures of the input and of each method, and the original's flicker."""
    tallies = [Tally([Sums(), Sums()]) for _ in range(1 + len(methods))]
    before: list[Moment] = []
    for now in moments(frames, delivered, methods):
        for index, tally in enumerate(tallies):
            tally.add(tallied(now[index], before[index] if before else None))
        before = now
    own = ratio(tallies[0].due, tallies[0].sides[1].changed)
    return [figures(tally) for tally in tallies], own


def moments(
    frames: Sequence[VideoFrame], delivered: Sequence[VideoFrame], methods: Mapping[str, Method]
) -> Iterator[list[Moment]]:
    """Of each frame: the input against itself, and each method's result against it."""
    results = [method(delivered) for method in methods.values()]
    for original, *given in zip(frames, delivered, *results, strict=True):
        whole = compared(given, original, CONVENTION, METRICS)
        yield [Moment((side, whole.sides[0]), whole.reference) for side in whole.sides]


def figures(tally: Tally) -> Figures:
    """Those of the result."""
    result = tally.score("", METRICS).result
    return Figures(result[Psnr.name], result[TemporalPsnr.name], result[Flicker.name])
