"""The loop of a live run: source, slot, step, sink. Nothing queues; the newest frame wins at either end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sharpcli.live.governor import Governor
from sharpcli.live.sinks.sink import Sink
from sharpcli.live.slot import Slot
from sharpcli.live.sources import Source
from sharpcli.live.status import Status
from sharpcli.live.steps import Step
from sharpcli.video.clip import library
from sharpcli.video.y4m import UNKNOWN_RATE

if TYPE_CHECKING:
    from av import VideoFrame

LEAVE = 2.0
"""Seconds in which a source that was stopped should have noticed."""


def run(
    source: Source,
    steps: list[Step],
    sink: Sink,
    cpu_share: float,
    told: Callable[[Status, str, int], None] = lambda status, step, drops: None,
) -> tuple[Status, int]:
    """Send frames through until the source ends or nobody reads any more; the figures, and the frames dropped.

    `told` is called after each frame with the figures so far, the step's name and the drops. The caller closes the
    sink. Raises SharpError, OSError, and KeyboardInterrupt as it comes.
    """
    slot: Slot[tuple[float, VideoFrame]] = Slot()
    ready = threading.Event()
    trouble: list[BaseException] = []

    def feed() -> None:
        try:
            for frame in source.frames():
                slot.put((time.monotonic(), frame))
                ready.wait()  # while the networks load for frames of this size
        except BaseException as error:  # raised again below
            trouble.append(error)
        finally:
            slot.close()

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    status, governor = Status(), None
    try:
        while not sink.gone and (entry := slot.take()) is not None:
            came, frame = entry
            if governor is None:
                governor = Governor(steps, cpu_share, float(1 / (source.rate or UNKNOWN_RATE)))
                governor.try_out(_blank_like(frame))
                came = time.monotonic()
                ready.set()
            began = time.monotonic()
            result = governor.step.run(frame)
            sink.write(result)
            now = time.monotonic()
            governor.took(now - began)
            status.add(now - came)
            told(status, governor.step.name, slot.drops + sink.drops)
    finally:
        source.stop()
        ready.set()
        feeder.join(LEAVE)
    for error in trouble:
        raise error
    return status, slot.drops + sink.drops


def _blank_like(frame: VideoFrame) -> Callable[[], VideoFrame]:
    kind = frame.width, frame.height, frame.format.name
    return lambda: library().VideoFrame(*kind)
