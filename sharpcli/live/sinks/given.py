"""What the outputs of clips ask of an input, for frames that come from no clip."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sharpcli.video.clip import Clip
from sharpcli.video.y4m import Header, header_for, writable

if TYPE_CHECKING:
    from av import Packet, VideoFrame

Rate = Callable[[], Fraction | None]
"""Frames a second, as known when the first frame is there."""


class Given:
    """An `Input` of frames alone, with the header that a y4m stream of them would have."""

    def __init__(self, rate: Rate) -> None:
        self.header: Header | None = None
        self.clip: Clip | None = None
        self.lines: deque[bytes] = deque()
        self.packets: deque[list[Packet[Any]]] = deque()
        self._rate = rate

    def add(self, frame: VideoFrame) -> None:
        """Say that a frame is about to be written."""
        if self.header is None:
            self.header = header_for(writable(frame), self._rate(), Fraction(1))
        self.lines.append(b"FRAME")
        self.packets.append([])

    def rest(self) -> list[Packet[Any]]:
        """Nothing comes between frames."""
        return []
