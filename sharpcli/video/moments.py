"""The times at which a clip's frames are shown, where its container has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from sharpcli.errors import ImageError
from sharpcli.video.clip import ENCRYPTED, Clip

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.video.stream import VideoStream

UNTIMED = frozenset({"avi", "h264", "hevc", "m4v", "mpegvideo"})
"""Containers and streams that count frames only: FFmpeg's guesses go wrong where they are not decoded in order."""


def shown(clip: Clip, packets: Iterable[Packet[VideoStream]] | None = None) -> Iterator[VideoFrame]:
    """The frames as they are shown, each with its time, if the container tells one or counts them; see `decoded`.

    Raises ImageError where they are encrypted.
    """
    waiting: list[int] = []
    for packet in clip.container.demux(clip.video) if packets is None else packets:
        if packet.has_sidedata("encryption_info"):
            raise ImageError(ENCRYPTED)
        if clip.format not in UNTIMED:
            yield from packet.decode()
            continue
        if packet.size and packet.dts is not None:
            heappush(waiting, packet.dts)
        for frame in packet.decode():
            if waiting:
                frame.pts = heappop(waiting)
            yield frame
