"""Which enhancer a stream's frames ask for, asked again while it runs: a call's rate and size change."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.live.changed import CENTRE
from sharpcli.pipeline.decision import shows_something
from sharpcli.pipeline.guard import for_frames
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.video.frames import FrameEnhancer

EVERY = 3.0
"""Seconds between two looks; each takes 0.1 to 0.2 s of one core."""
SOON = 1.0
"""Seconds after a look that asks for another enhancer until the next, which must ask for another as well: a hand before
the camera is no reason."""
SIDE = 256
"""The largest side, in pixels, of the middle of a frame, where a face is, that two enhancers are compared on."""
VISIBLE, SHARE = 0.5, 0.5
"""Mean levels of 255 by which two results must differ, and that as a share of what they change at most: what is found
varies a little from frame to frame, and to follow it would flicker (docs/decisions/0115)."""


class Watch:
    """The `enhancer` that a stream's frames ask for: None until one shows something, which settles it.

    From then on `look` looks again, in a thread that lasts no longer than a look, unless the enhancer asked for settles
    for itself. `clock` counts seconds.
    """

    def __init__(self, asked: Enhancer, clock: Callable[[], float] = time.monotonic) -> None:
        self.asked = asked
        self.enhancer: Enhancer | None = None
        self.makers: list[Callable[..., FrameEnhancer]] = []
        """FrameEnhancer as each step that shares this wants it; what takes the other's place is made ready for all."""
        self._clock = clock
        self._due: float | None = None
        self._doubted = False
        self._thread: ThreadPoolExecutor | None = None
        self._found: Future[Enhancer | None] | None = None

    def settle(self, pixels: NDArray[Any]) -> None:
        """Settle by H x W x C pixels, if they show something; raises SharpError."""
        if shows_something(pixels):
            self.enhancer = for_frames(self.asked, pixels)
            if self.enhancer is not self.asked:
                self._due = self._clock() + EVERY

    def look(self, seen: Callable[[], NDArray[Any]]) -> None:
        """Take up what was found meanwhile, and where it is time, begin to look at the pixels that `seen` returns.

        They must not be written to afterwards. What is taken up has already run on such pixels. Raises SharpError, and
        whatever else the last look came to.
        """
        if self._found is not None and self._found.done():
            self._take(self._found)
        if self._found is None and self.enhancer and self._due is not None and self._clock() >= self._due:
            self._thread = ThreadPoolExecutor(1, "look")
            self._found = self._thread.submit(self._other, self.enhancer, seen(), self._doubted)
            self._thread.shutdown(wait=False)  # it ends after this look

    def close(self) -> None:
        """Wait for a look that goes on, and begin no other; raises as `look`."""
        self._due = None
        if self._thread is not None:
            self._thread.shutdown()
        if self._found is not None:
            found, self._found = self._found, None
            found.result()

    def _take(self, found: Future[Enhancer | None]) -> None:
        self._found, again = None, self._doubted
        other = found.result()
        self._doubted = other is not None and not again
        if other is not None and again:
            self.enhancer = other
        self._due = self._clock() + (SOON if self._doubted else EVERY)

    def _other(self, now: Enhancer, pixels: NDArray[Any], again: bool) -> Enhancer | None:
        """The enhancer that these pixels ask for instead of the present one, None where that does."""
        if not shows_something(pixels):
            return None
        found = for_frames(self.asked, pixels)
        crop = _middle(pixels)
        if not differ(crop, *(self.makers[0](one, reuse=False).pixels(crop) for one in (found, now))):
            return None
        # A network is compiled for a size that comes twice in a row.
        for make in [each for each in self.makers for _ in range(2)] if again else []:
            make(found).pixels(pixels)
        return found


def differ(before: NDArray[Any], one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two results for the same integer pixels differ so much that it would be seen, and that not by chance."""
    between, *effects = (_mean_change(*pair) for pair in ((one, other), (before, one), (before, other)))
    return between > VISIBLE and between > SHARE * max(effects)


def _mean_change(one: NDArray[Any], other: NDArray[Any]) -> float:
    """In levels of 255."""
    return float(np.abs(np.subtract(one, other, dtype=np.float32)).mean()) * 255 / np.iinfo(one.dtype).max


def _middle(pixels: NDArray[Any]) -> NDArray[Any]:
    sides = [min(SIDE, length) for length in pixels.shape[:2]]
    starts = [
        min(max(0, round(middle * length) - side // 2), length - side)
        for middle, length, side in zip(CENTRE, pixels.shape, sides, strict=False)
    ]
    rows, columns = (slice(start, start + side) for start, side in zip(starts, sides, strict=True))
    return np.ascontiguousarray(pixels[rows, columns])
