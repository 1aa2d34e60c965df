"""Which frames of several clips show the same moment: those whose timestamps agree, whatever their numbers are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from sharpcli.errors import ImageError
from sharpcli.video.ahead import ahead
from sharpcli.video.clip import Clip, opened
from sharpcli.video.frames import decoded

if TYPE_CHECKING:
    from av import VideoFrame

AHEAD = 2
"""Frames that each clip is decoded ahead."""


class Track:
    """The frames of an open clip one by one: the one that is current, and when the next follows.

    `shift` in seconds is taken off all times; `count` is that of the frames that were current, `alone` that of those
    that `moments` found no partner for. Errors name `path`, whose content is in `file`. Raises ImageError, also for a
    clip without frames.
    """

    def __init__(self, path: Path, file: Path, clip: Clip) -> None:
        self.path, self.file, self.clip = path, file, clip
        self.shift, self.count, self.alone = Fraction(0), 0, 0
        self.tick = Fraction(clip.video.time_base or 1)
        self._frames = ahead(decoded(clip), AHEAD)
        self._following = self._read()
        self.gap: Fraction | None = None
        self.frame: VideoFrame | None = None
        self.step()
        if self.frame is None:
            raise ImageError(f"{path}: holds no frame that can be decoded")

    @property
    def time(self) -> Fraction:
        """Of the current frame, in seconds."""
        assert self.frame is not None
        return self._time(self.frame)

    def step(self) -> None:
        """Go to the next frame; `frame` is None behind the last."""
        self.frame = self._following
        if self.frame is None:
            return
        self.count += 1
        self._following = self._read()
        if self._following is not None:
            self.gap = self._time(self._following) - self._time(self.frame)

    def close(self) -> None:
        """Stop decoding."""
        self._frames.close()

    def _read(self) -> VideoFrame | None:
        try:
            return next(self._frames, None)
        except ImageError as error:
            raise ImageError(f"{self.path}: {error}") from error

    def _time(self, frame: VideoFrame) -> Fraction:
        return (frame.pts or 0) * self.tick - self.shift


def moments(tracks: Sequence[Track]) -> Iterator[tuple[Fraction, tuple[VideoFrame, ...]]]:
    """The time of each moment that all tracks have a frame of, in seconds, and these frames.

    Times agree where they differ by less than containers round them, which is their ticks, and less than half of what
    lies between two frames.
    """
    ticks = sorted((track.tick for track in tracks), reverse=True)
    while (frames := tuple(track.frame for track in tracks if track.frame is not None)) and len(frames) == len(tracks):
        first, last = (choose(tracks, key=lambda track: track.time) for choose in (min, max))
        near = min([sum(ticks[:2], Fraction(0)), *(track.gap / 2 for track in tracks if track.gap)])
        if 0 < last.time - first.time >= near:
            first.alone += 1
            first.step()
            continue
        yield tracks[0].time, frames
        for track in tracks:
            track.step()
    for track in tracks:
        while track.frame is not None:
            track.alone += 1
            track.step()


def shift_between(path: Path, other: Path) -> Fraction:
    """By how many seconds the whole of a clip is later than another; 0 unless all its frames are, by as much.

    A container may move all streams: a transport stream begins later, an audio track's lead moves the video. Raises
    ImageError.
    """
    (mine, my_tick), (its, its_tick) = _shown(path), _shown(other)
    shift = mine[0] - its[0] if mine and its else Fraction(0)
    near = my_tick + its_tick
    if len(mine) != len(its) or abs(shift) < near:
        return Fraction(0)
    alike = all(abs(a - b - shift) < near for a, b in zip(mine, its, strict=True))
    return shift if alike else Fraction(0)


def _shown(path: Path) -> tuple[list[Fraction], Fraction]:
    """The times of all frames in the order in which they are shown, by the packets alone, and the clock's tick."""
    with opened(path) as clip:
        tick = Fraction(clip.video.time_base or 1)
        shown = sorted(
            packet.pts for packet in clip.container.demux(clip.video) if packet.size and packet.pts is not None
        )
        return [pts * tick for pts in shown], tick
