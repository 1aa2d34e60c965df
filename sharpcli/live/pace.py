"""Frames no sooner than they would be shown: what plays a file as a camera would, and keeps a fast pipe from racing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame

LEEWAY = 1.02
"""How much faster than its rate a pipe may run: the clock of a camera behind it is not ours, and nothing may queue."""


def paced(
    frames: Iterator[VideoFrame],
    wait: Callable[[float], object],
    speed: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[VideoFrame]:
    """Each frame when it is due by its timestamp, counted from the first; one that comes late is passed on at once.

    `wait` is called with seconds; `speed` is how many times as fast as the timestamps say.
    """
    begin: float | None = None
    for frame in frames:
        moment = float((frame.pts or 0) * (frame.time_base or Fraction(0))) / speed
        if begin is not None and (early := begin + moment - clock()) > 0:
            wait(early)
        yield frame
        if begin is None:  # whoever takes them may have needed the first one to get ready
            begin = clock() - moment
