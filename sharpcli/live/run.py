"""The loop from a source through the ladder to a sink."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sharpcli.live.governor import Governor
from sharpcli.live.slot import Slot
from sharpcli.live.status import Figures, Status
from sharpcli.live.steps import Step
from sharpcli.video.planes import plane

if TYPE_CHECKING:
    from av import VideoFrame

EVERY = 1.0
"""Seconds between two reports of the figures."""
RUNS, LOADING, LEVELS = 6, 2, 16
"""How often each step is tried, how many of these load its network, and by how much the frame is changed each time:
what stands still is not run again."""
HOPELESS = 10
"""How many times too late a step must be to be tried no more."""
WAIT = 0.2
"""Seconds after which a loop without frames looks whether it is to end."""


class Sink(Protocol):
    """Where frames go. Anything with this method, which may raise SharpError, or OSError."""

    def write(self, frame: VideoFrame) -> bool | None:
        """Send a frame on; False where nobody wants any more. It may take its time: frames are dropped meanwhile."""


def run(
    source: Iterator[VideoFrame],
    sink: Sink,
    governor: Governor,
    report: Callable[[Figures], None] = lambda figures: None,
    stop: threading.Event | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Figures:
    """Take each frame of the source that there is time for to the sink; the figures at the end.

    The source is read in a thread of its own at its own pace, and what cannot be kept up with is dropped. Latency is
    from when it handed a frame over until the sink has it. Ends where the source ends, the sink wants no more, or
    `stop` is set. Raises what either raises.
    """
    slot: Slot[tuple[float, VideoFrame]] = Slot()
    over = stop or threading.Event()
    status = Status(clock)

    def read() -> None:
        try:
            for frame in source:
                slot.put((clock(), frame))
                if over.is_set():
                    break
        except BaseException as error:  # it is raised again by `take`
            slot.close(error)
        finally:
            slot.close()
            getattr(source, "close", lambda: None)()

    def figures() -> Figures:
        return status.figures(governor.cpu, governor.step.name, slot.dropped, governor.step.found)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    reported = clock()
    try:
        while not over.is_set():
            taken = slot.take(WAIT)
            if taken is None:
                if slot.closed:
                    break
                continue
            came, frame = taken
            began = clock()
            governor.step.look(frame)
            result = governor.step(frame)
            governor.took(clock() - began)
            if sink.write(result) is False:
                break
            status.done(clock() - came)
            if clock() - reported >= EVERY:
                reported = clock()
                report(figures())
    finally:
        over.set()
        for step in governor.steps:
            step.close()
    return figures()


def warm(governor: Governor, given: VideoFrame | NDArray[Any]) -> None:
    """Load every step's network, measure what it takes for a frame, or its pixels, of this size, and begin with one.

    What is given is copied each time. Raises SharpError.
    """
    for index, step in enumerate(governor.steps):
        took: list[tuple[float, float]] = []
        for run_number in range(RUNS):
            again = _copy(given, LEVELS * run_number)
            began, cpu_began = time.perf_counter(), time.process_time()
            _once(step, again)
            took.append((time.perf_counter() - began, time.process_time() - cpu_began))
            if run_number >= LOADING and took[-1][0] > HOPELESS * governor.frame_seconds:
                break
        # The least counts, for another program may have been at work.
        governor.expect(index, *map(min, zip(*took[LOADING:], strict=True)))
    governor.begin()


def _once(step: Step, given: VideoFrame | NDArray[Any]) -> None:
    if isinstance(given, np.ndarray):
        step.pixels(given)
    else:
        step(given)


def _copy(frame: VideoFrame | NDArray[Any], changed: int) -> VideoFrame | NDArray[Any]:
    if isinstance(frame, np.ndarray):
        return frame ^ changed

    from av import VideoFrame

    copy = VideoFrame(frame.width, frame.height, frame.format.name)
    for index in range(len(frame.format.components)):
        plane(copy, index)[...] = plane(frame, index) ^ changed
    copy.colorspace, copy.color_range = frame.colorspace, frame.color_range
    return copy
