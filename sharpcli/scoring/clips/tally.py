"""Sums over the frames of a clip or a second of it, from which its figures are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from sharpcli.plugin.metric import Metric
from sharpcli.scoring.clips.metrics import Flicker, TemporalPsnr
from sharpcli.scoring.clips.motion import Luma, changes, error, luma_of, mean_square, ratio, rgb_of_frame
from sharpcli.scoring.evaluate import figures_of
from sharpcli.scoring.score import pixel_means

if TYPE_CHECKING:
    from av import VideoFrame


@dataclass(frozen=True)
class Side:
    """A frame that is scored: the means of its metrics, its errors and its luma."""

    means: dict[str, float]
    errors: NDArray[Any]
    luma: Luma


@dataclass(frozen=True)
class Moment:
    """The frames of one time: the result and, where given, the input; and the reference's luma."""

    sides: tuple[Side, ...]
    reference: Luma


def compared(frames: Sequence[VideoFrame], reference: VideoFrame, convention: str, metrics: Sequence[Metric]) -> Moment:
    """Result and input, where that is given, against their reference, of the same size; raises ImageError."""
    original = rgb_of_frame(reference)

    def side(frame: VideoFrame) -> Side:
        pixels = rgb_of_frame(frame)
        means = pixel_means(pixels, original, convention, metrics)
        return Side(means, error(pixels, original, convention), luma_of(frame, pixels))

    return Moment(tuple(side(frame) for frame in frames), luma_of(reference, original))


@dataclass
class Sums:
    """Of one side: its metrics' means, the mean squares of temporal errors, and changes in blocks that hold still."""

    means: dict[str, float] = field(default_factory=dict)
    squares: float = 0.0
    changed: float = 0.0

    def add(self, other: Sums) -> None:
        """Add another's."""
        self.means = {name: self.means.get(name, 0.0) + value for name, value in other.means.items()}
        self.squares += other.squares
        self.changed += other.changed


@dataclass
class Tally:
    """Sums of each side, in the order of `Moment.sides`, over `frames` and over `steps` from frame to frame.

    `due` is what the reference changes in blocks that hold still, which are `still` of `blocks`.
    """

    sides: list[Sums]
    frames: int = 0
    steps: int = 0
    blocks: int = 0
    still: int = 0
    due: float = 0.0

    def add(self, other: Tally) -> None:
        """Add another's."""
        for mine, its in zip(self.sides, other.sides, strict=True):
            mine.add(its)
        self.frames += other.frames
        self.steps += other.steps
        self.blocks += other.blocks
        self.still += other.still
        self.due += other.due

    def figures(self, metrics: Sequence[Metric]) -> list[dict[str, float]]:
        """The figures of each side by the metrics' names; those of changes only where there are two frames."""
        # A result is to hold as still as the input that it was made from, or else as the reference.
        due = self.sides[1].changed if len(self.sides) > 1 else self.due
        figures = []
        for side in self.sides:
            each = figures_of(metrics, {name: total / self.frames for name, total in side.means.items()})
            if self.steps:
                each[TemporalPsnr.name] = TemporalPsnr().figure(side.squares / self.steps)
                each[Flicker.name] = ratio(side.changed, due)
            figures.append(each)
        return figures


def tallied(now: Moment, before: Moment | None) -> Tally:
    """One moment, and what has changed since the one before."""
    if before is None:
        return Tally([Sums(side.means) for side in now.sides], frames=1)
    due, still = changes(now.reference, before.reference)
    sides = [
        Sums(
            side.means,
            mean_square(side.errors, last.errors),
            float(changes(side.luma, last.luma)[0][still].sum()),
        )
        for side, last in zip(now.sides, before.sides, strict=True)
    ]
    return Tally(sides, 1, 1, still.size, int(still.sum()), float(due[still].sum()))
