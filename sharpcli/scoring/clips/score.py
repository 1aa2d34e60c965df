"""Scores a clip against its reference, frame by frame, in memory that does not grow with its length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sharpcli.errors import ImageError
from sharpcli.files.remote import fetched
from sharpcli.plugin.metric import Metric
from sharpcli.scoring.clips.pairing import Track, moments, shift_between
from sharpcli.scoring.clips.tally import Moment, Sums, Tally, compared, tallied
from sharpcli.scoring.score import Score
from sharpcli.video.clip import Clip, opened

if TYPE_CHECKING:
    from av import VideoFrame

BYTES, SHARED = 45, 60
"""Bytes a pixel that each clip takes, since decoders and queues hold some 15 frames, and that comparing takes."""


@dataclass(frozen=True)
class ClipScore(Score):
    """A clip's figures over all frames that have a partner, and those of each second, which is named by its time.

    `still` is the share of blocks that hold still, on which flicker is measured.
    """

    frames: int = 0
    still: float = 0.0
    seconds: tuple[Score, ...] = ()


def score_clips(
    name: str, result: Path, reference: Path, baseline: Path | None, convention: str, metrics: Sequence[Metric]
) -> ClipScore:
    """The score of a clip whose frames are paired by their times; raises ImageError, which names the file."""
    seconds: dict[int, Tally] = {}
    with ExitStack() as stack:
        tracks = [stack.enter_context(_track(path)) for path in (result, reference, baseline) if path]
        original = tracks[1]
        notes = [note for track in tracks if track is not original for note in _aligned(track, original)]
        start, before = original.time, None
        for time, (first, second, *others) in moments(tracks):
            now = _compared(result, [first, *others], second, convention, metrics)
            tally = tallied(now, before)
            seconds.setdefault(int(time - start), _none(now)).add(tally)
            before = now
    if before is None:
        raise ImageError(f"{result}: has no frame at the time of one of {reference}; score clips of the same scene")
    whole = _none(before)
    for tally in seconds.values():
        whole.add(tally)
    notes += [_alone(track, tracks) for track in tracks if track.alone]
    if whole.steps and not whole.still:
        notes.append(f"{reference}: no block holds still, so flicker says nothing")
    return ClipScore(
        name,
        *whole.figures(metrics),
        notes=tuple(notes),
        frames=whole.frames,
        still=whole.still / whole.blocks if whole.blocks else 0.0,
        seconds=tuple(Score(clock(second), *tally.figures(metrics)) for second, tally in sorted(seconds.items())),
    )


def bytes_needed(paths: Sequence[Path]) -> int:
    """The memory that scoring these clips against each other takes; raises ImageError, which names the file."""
    pixels = 0
    for path in paths:
        with _opened(path) as (_, clip):
            pixels = max(pixels, clip.width * clip.height)
    return pixels * (BYTES * len(paths) + SHARED)


def clock(second: int) -> str:
    """A time as players show it."""
    minutes, second = divmod(second, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"


def _none(moment: Moment) -> Tally:
    return Tally([Sums() for _ in moment.sides])


def _aligned(track: Track, original: Track) -> Iterator[str]:
    """Take off by how much the whole of a clip is late, and say what differs; raises ImageError where sizes do."""
    mine, its = track.clip, original.clip
    if (mine.width, mine.height) != (its.width, its.height):
        sizes = f"{mine.width}x{mine.height} but {its.width}x{its.height}"
        raise ImageError(f"{track.path}: the sizes differ: {sizes} in the reference; score clips of the same size")
    if track.time != original.time and (shift := shift_between(track.file, original.file)):
        track.shift = shift
        yield f"{track.path}: the whole clip is {float(shift):+.3f} s later than the reference; this was taken off"


def _alone(track: Track, tracks: Sequence[Track]) -> str:
    rates = dict.fromkeys(f"{float(one.clip.rate):.4g}" for one in tracks if one.clip.rate)
    why = f"; the clips have {' and '.join(rates)} frames/s" if len(rates) > 1 else ""
    return f"{track.path}: {track.alone} of {track.count} frames have no partner{why}"


def _compared(
    path: Path, frames: Sequence[VideoFrame], reference: VideoFrame, convention: str, metrics: Sequence[Metric]
) -> Moment:
    try:
        return compared(frames, reference, convention, metrics)
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error


@contextmanager
def _track(path: Path) -> Iterator[Track]:
    with _opened(path) as (file, clip):
        track = Track(path, file, clip)
        try:
            yield track
        finally:
            track.close()


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Path, Clip]]:
    """The file on this machine and its open clip."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(fetched(path))
            clip = stack.enter_context(opened(file))
        except ImageError as error:
            raise ImageError(f"{path}: {error}") from error
        yield file, clip
