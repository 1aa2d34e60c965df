"""Frames from and to y4m streams; what a header and the lines before the frames say is passed on as it came."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from sharpcli.files.feed import Feed
from sharpcli.video.clip import Clip
from sharpcli.video.y4m import Header, frame_bytes, header_for, read_frames, read_header, writable

if TYPE_CHECKING:
    from av import Packet, VideoFrame


class Input(Protocol):
    """Where frames come from: a y4m stream, which has a `header`, or another, which has a `clip`.

    For each frame that was taken, the oldest of `lines` is the line before it, the oldest of `packets` are those of
    other streams that came before it.
    """

    header: Header | None
    clip: Clip | None
    lines: deque[bytes]
    packets: deque[list[Packet[Any]]]

    def rest(self) -> list[Packet[Any]]:
        """The packets of other streams behind the last frame."""


class Target(Protocol):
    """What y4m is written to."""

    def write(self, data: bytes, /) -> Any:
        """Take all of it."""


class Y4mInput:
    """The frames of a y4m stream."""

    def __init__(self, feed: Feed) -> None:
        self.header: Header | None = None
        self.clip: Clip | None = None
        self.lines: deque[bytes] = deque()
        self.packets: deque[list[Packet[Any]]] = deque()
        self._feed = feed

    def frames(self) -> Iterator[VideoFrame]:
        """Each as it arrives; raises ImageError where the stream is damaged or cut off."""
        self.header = read_header(self._feed.read)
        for frame, line in read_frames(self._feed.read, self.header):
            self.lines.append(line)
            self.packets.append([])
            yield frame

    def rest(self) -> list[Packet[Any]]:
        """None: there is nothing else in y4m."""
        return []

    def stop(self) -> None:
        """End the frames here, even while none arrives."""
        self._feed.stop()

    def close(self) -> None:
        """The feed is closed by whoever opened it."""


class Y4mOutput:
    """Writes frames as a y4m stream."""

    def __init__(self, given: Input, target: Target) -> None:
        self.notes: list[str] = []
        self._given = given
        self._send = target.write
        self._begun = False

    def write(self, frame: VideoFrame) -> None:
        """Write a frame; raises ImageError for pixels that y4m does not hold, or frames that it cannot time."""
        packets = self._given.packets.popleft()
        line = self._given.lines.popleft() if self._given.header else b"FRAME"
        frame = writable(frame)
        if not self._begun:
            self._send(bytes(self._header(frame)))
            self._begun = True
        self._lost(packets)
        self._send(b"".join((line, b"\n", *frame_bytes(frame))))

    def close(self) -> None:
        """Nothing is held back."""

    def _header(self, frame: VideoFrame) -> Header:
        if self._given.header:
            return self._given.header.of_size(frame.width, frame.height)
        clip = self._given.clip
        aspect: Fraction | None = clip.video.sample_aspect_ratio if clip else None
        if clip:
            self.notes.append("y4m has no timestamps: frames are taken to be evenly spaced; use --format nut if not")
        return header_for(frame, clip.rate if clip else None, aspect)

    def _lost(self, packets: list[Packet[Any]]) -> None:
        for packet in packets:
            note = f"not carried over: {packet.stream.type} stream {packet.stream.index}; use --format nut"
            if note not in self.notes:
                self.notes.append(note)
