"""Scores of what was tried on a call, as `sharpcli score --convention y` counts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    results = {name: method(delivered.frames, delivered.bits_per_pixel) for name, method in methods.items()}
    (before, *figures), original = scored(frames, delivered.frames, results.values())
    return Row(cell, delivered.asked, delivered.spent, before, dict(zip(results, figures, strict=True)), original)


def untouched(frames: Sequence[VideoFrame], methods: Mapping[str, Method]) -> dict[str, float]:
    """The PSNR of what each method makes of the originals themselves: infinite where it leaves them alone."""
    (_, *figures), _ = scored(frames, frames, [method(frames, None) for method in methods.values()])
    return {name: each.psnr for name, each in zip(methods, figures, strict=True)}


def scored(
    frames: Sequence[VideoFrame], delivered: Sequence[VideoFrame], results: Iterable[Iterable[VideoFrame]]
) -> tuple[list[Figures], float]:
    """The figures of the input and of each result, and the original's flicker."""
    all_results = list(results)
    tally = Tally([Sums() for _ in (delivered, *all_results)])
    before: Moment | None = None
    for original, *given in zip(frames, delivered, *all_results, strict=True):
        now = compared(given, original, CONVENTION, METRICS)
        tally.add(tallied(now, before))
        before = now
    first = tally.sides[0]
    return [figures_of(replace(tally, sides=[side, first])) for side in tally.sides], ratio(tally.due, first.changed)


def figures_of(tally: Tally) -> Figures:
    """Those of the first side, against the second as its input."""
    result = tally.score("", METRICS).result
    return Figures(result[Psnr.name], result[TemporalPsnr.name], result[Flicker.name])
