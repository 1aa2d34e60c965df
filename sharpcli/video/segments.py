"""The enhanced video in segments of some seconds, each by an encoder of its own, so that a run can go on at any."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sharpcli.errors import ImageError

if TYPE_CHECKING:
    from av import Packet, VideoFrame

SECONDS = 6
"""Of a segment: what a killed run does again at most, with what the queues held."""


class DecodeTimes:
    """Decoding times for packets: those at which frames are shown, `depth` frames earlier.

    An encoder would count them from its own first frame, and each segment would begin before the last one's end.
    """

    def __init__(self, depth: int, step: int) -> None:
        self._shown: deque[int] = deque()
        self._early, self._step = depth, step

    def shown(self, pts: int) -> None:
        """Take the time of the next frame in the order in which they are shown."""
        self._shown.append(pts)

    def next(self) -> int:
        """The time of the next packet."""
        if self._early:
            self._early -= 1
            return self._shown[0] - (self._early + 1) * self._step
        return self._shown.popleft()


def rescaled(moment: int, given: Fraction, wanted: Fraction) -> int:
    """A time in another time base, halves away from zero."""
    exact = moment * given / wanted
    whole = int(abs(exact) + Fraction(1, 2))
    return whole if exact >= 0 else -whole


def begins_segment(pts: int, start: int, time_base: Fraction) -> bool:
    """Whether a frame is the first of a segment, by the first time of the one before; both as they are in the file."""
    return (pts - start) * time_base >= SECONDS


def encoded(
    frames: Iterable[VideoFrame],
    make: Callable[[VideoFrame], Any],
    given: Fraction,
    wanted: Fraction,
    times: DecodeTimes,
    on_segment: Callable[[], None] = lambda: None,
) -> Iterator[Packet[Any]]:
    """Encode frames whose times are in the time base `given`; packets in the order of decoding, in `wanted`.

    `make` opens an encoder for a segment that begins with a frame; `on_segment` is told of each that is whole.
    """
    durations: dict[int, int] = {}

    def timed(packets: Iterable[Packet[Any]]) -> Iterator[Packet[Any]]:
        for packet in packets:
            pts = packet.pts or 0
            duration = durations.pop(pts, 0)
            packet.duration = rescaled(duration, given, wanted)
            packet.pts, packet.dts = rescaled(pts, given, wanted), times.next()
            packet.time_base = wanted
            yield packet

    context: Any = None
    start = 0
    last: int | None = None
    for frame in frames:
        moment = frame.pts or 0
        pts = rescaled(moment, given, wanted)
        if last is not None and pts <= last:
            raise ImageError("has frames closer to each other than this container can tell apart; use --format mkv")
        last = pts
        if context is not None and begins_segment(pts, start, wanted):
            yield from timed(context.encode(None))
            context = None
            on_segment()
        if context is None:
            context, start = make(frame), pts
        times.shown(pts)
        durations[moment] = frame.duration or 0
        yield from timed(context.encode(frame))
    if context is not None:
        yield from timed(context.encode(None))
