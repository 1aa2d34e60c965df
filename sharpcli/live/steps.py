"""The ladder that a governor steps down and up: from the enhancer that was asked for to none at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.live.changed import Changed
from sharpcli.live.watch import Watch
from sharpcli.pipeline.guard import finding
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.registry import load_registry
from sharpcli.video.enlarge import enlarged_frame
from sharpcli.video.frames import FrameEnhancer
from sharpcli.video.interlaced import fields
from sharpcli.video.picture import Picture
from sharpcli.video.static import Static

if TYPE_CHECKING:
    from av import VideoFrame

LIGHTER = ("teacher", "student-large", "student", "student-live")
"""Enhancers that do the same work, each lighter than the one before: what a ladder goes down."""
Parts = Callable[[Callable[[NDArray[Any]], NDArray[Any]], "int | None", int], Callable[[NDArray[Any]], NDArray[Any]]]


class Step:
    """A rung of the ladder: a frame, or the pixels of one, through an enhancer on the whole, on parts, or through none.

    The enhancer settles by the first frame that shows something what it does to all of them, until `look` finds that
    the stream has changed: what changes its mind from frame to frame flickers. Raises SharpError.
    """

    def __init__(
        self,
        name: str,
        watch: Watch | None,
        parts: Parts = Static,
        strength: float = 1.0,
        tile: int | None = None,
        upscale: float = 1,
    ) -> None:
        """`name` is for people. Without a `watch`, which steps may share, frames are at most enlarged."""
        self.name, self.upscale = name, upscale
        self._watch = watch
        self._make = partial(FrameEnhancer, strength=strength, tile=tile, upscale=upscale, parts=parts)
        self._made: FrameEnhancer | None = None
        if watch:
            watch.makers.append(self._make)

    @property
    def enhancer(self) -> Enhancer | None:
        """The one asked for."""
        return self._watch.asked if self._watch else None

    @property
    def found(self) -> str:
        """What was found in the frames, in a few words; empty where there is nothing to say."""
        return finding(self._watch.enhancer) if self._watch and self._watch.enhancer else ""

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """The frame enhanced, in place where it keeps its size."""
        if (enhance := self._settled(frame)) is not None:
            return enhance(frame)
        return frame if self.upscale == 1 else enlarged_frame(frame, self.upscale)

    def pixels(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """The same for H x W x C pixels, C 1 or 3, uint8 or uint16, which are not enlarged and not written to."""
        enhance = self._settled(pixels)
        return pixels if enhance is None else enhance.pixels(pixels)

    def look(self, given: VideoFrame | NDArray[Any]) -> None:
        """Look at the next frame, or its pixels, where it is time, and take up what was found; see `Watch.look`."""
        if self._watch:
            self._watch.look(partial(self._seen, given, self._watch.asked))

    def close(self) -> None:
        """Wait for a look that goes on; raises what it came to."""
        if self._watch:
            self._watch.close()

    def _settled(self, given: VideoFrame | NDArray[Any]) -> FrameEnhancer | None:
        if self._watch is None:
            return None
        if self._watch.enhancer is None:
            self._watch.settle(self._seen(given, self._watch.asked))
        now = self._watch.enhancer
        if now is not None and (self._made is None or self._made.enhancer is not now):
            self._made = self._make(now)
        return self._made

    def _seen(self, given: VideoFrame | NDArray[Any], enhancer: Enhancer) -> NDArray[Any]:
        """What an enhancer looks at."""
        if isinstance(given, np.ndarray):
            return given
        wanted = given if self.upscale == 1 else enlarged_frame(given, self.upscale)
        return Picture.of(wanted, fields(wanted)[0], enhancer).pixels


def ladder(
    enhancer: Enhancer,
    *,
    strength: float = 1.0,
    tile: int | None = None,
    upscale: float = 1,
    clock: Callable[[], float] = time.monotonic,
    say: Callable[..., str] = str.format,
) -> tuple[Step, ...]:
    """The steps for an enhancer, the best first: itself, lighter ones, the last of them on parts only, pass through.

    Lighter ones are given the options that they know. `clock` says when it is time to look at a stream again, and `say`
    puts values into a sentence, maybe in another language.
    """
    step = partial(Step, strength=strength, tile=tile, upscale=upscale)
    chain = [Watch(one, clock) for one in (enhancer, *_lighter(enhancer))]
    steps = [step(one.asked.name, one) for one in chain]
    last, name = chain[-1], chain[-1].asked.name
    if last.asked.receptive_radius is not None:
        steps.append(step(say("{enhancer} on what changed", enhancer=name), last, Changed))
        steps.append(step(say("{enhancer} on the centre", enhancer=name), last, partial(Changed, central=True)))
    return (*steps, step(say("pass through"), None))


def _lighter(enhancer: Enhancer) -> list[Enhancer]:
    if enhancer.name not in LIGHTER:
        return []
    found = load_registry().found
    given = {declared.name: getattr(enhancer, declared.name) for declared in enhancer.options()}
    # The way down from the teacher is not by its largest student, which takes hardly less time than it helps.
    names = [name for name in LIGHTER[LIGHTER.index(enhancer.name) + 1 :] if name in found and name != "student-large"]
    return [_with_options(name, given) for name in names]


def _with_options(name: str, given: dict[str, Any]) -> Enhancer:
    known = {declared.name: declared for declared in load_registry().get(name).options()}
    shared = {
        option: value
        for option, value in given.items()
        if option in known and (not known[option].choices or value in known[option].choices)
    }
    return create_enhancer(name, shared)
