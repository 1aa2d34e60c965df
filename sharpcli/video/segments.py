"""The enhanced video in segments of some seconds, each a file of its own: what a killed run has done is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.video.clip import library
from sharpcli.video.coding import Coding, add_video

if TYPE_CHECKING:
    from av import VideoFrame

SECONDS = 8
"""Of a segment: what a killed run does again at most, with what the queues held."""
CONTAINER = "nut"
"""Keeps any time base and any timestamp."""


def encoded(
    frames: Iterable[VideoFrame], how: Coding, time_base: Fraction, rate: Fraction | None, folder: Path, first: int = 0
) -> Iterator[Path]:
    """Encode frames into files of `folder`, each by an encoder of its own, so that a run can go on at any of them.

    A segment ends before the first frame that is SECONDS behind its first. A file has its name only once it is whole.
    """
    segment: _Segment | None = None
    number = first
    for frame in frames:
        if segment and (frame.pts - segment.start) * time_base >= SECONDS:
            yield segment.close()
            segment, number = None, number + 1
        segment = segment or _Segment(folder / f"{number:06}.{CONTAINER}", how, frame, time_base, rate)
        segment.add(frame)
    if segment:
        yield segment.close()


class _Segment:
    def __init__(self, path: Path, how: Coding, frame: VideoFrame, time_base: Fraction, rate: Fraction | None) -> None:
        self.path, self.start = path, frame.pts or 0
        self._part = path.with_suffix(".part")
        self._output: Any = library().open(
            str(self._part), "w", format=CONTAINER, options={"avoid_negative_ts": "disabled"}
        )
        self._stream = add_video(self._output, how, frame, time_base, rate)

    def add(self, frame: VideoFrame) -> None:
        self._output.mux(self._stream.encode(frame))

    def close(self) -> Path:
        self._output.mux(self._stream.encode(None))
        self._output.close()
        self._part.replace(self.path)
        return self.path


def last_shown(path: Path) -> int:
    """The largest timestamp of a segment's frames, in the clip's time base."""
    with library().open(str(path)) as container:
        return max(int(packet.pts) for packet in container.demux(video=0) if packet.size)
