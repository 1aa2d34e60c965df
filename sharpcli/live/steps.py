"""The ladder that a governor steps down and up: from the enhancer that was asked for to none at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from sharpcli.live.changed import Changed
from sharpcli.pipeline.decision import shows_something
from sharpcli.pipeline.guard import for_frames
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
PASS = "pass through"
Parts = Callable[[Callable[[NDArray[Any]], NDArray[Any]], "int | None", int], Callable[[NDArray[Any]], NDArray[Any]]]


class Step:
    """A rung of the ladder: a frame, or the pixels of one, through an enhancer on the whole, on parts, or through none.

    The enhancer settles once, by the first frame that shows something, what it does to all of them: what changes its
    mind from frame to frame flickers. Raises SharpError.
    """

    def __init__(
        self,
        name: str,
        enhancer: Enhancer | None,
        parts: Parts = Static,
        strength: float = 1.0,
        tile: int | None = None,
        upscale: float = 1,
    ) -> None:
        """`name` is how people are told of it; without an enhancer a frame is at most enlarged."""
        self.name, self.enhancer, self.upscale = name, enhancer, upscale
        self._make = partial(FrameEnhancer, strength=strength, tile=tile, upscale=upscale, parts=parts)
        self._settled: FrameEnhancer | None = None

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """The frame enhanced, in place where it keeps its size."""
        if self.enhancer is not None and self._settled is None:
            wanted = frame if self.upscale == 1 else enlarged_frame(frame, self.upscale)
            self._settle(self.enhancer, Picture.of(wanted, fields(wanted)[0], self.enhancer).pixels)
        if self._settled is not None:
            return self._settled(frame)
        return frame if self.upscale == 1 else enlarged_frame(frame, self.upscale)

    def pixels(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """The same for H x W x C pixels, C 1 or 3, uint8 or uint16, which are not enlarged and not written to."""
        if self.enhancer is not None and self._settled is None:
            self._settle(self.enhancer, pixels)
        return pixels if self._settled is None else self._settled.pixels(pixels)

    def _settle(self, enhancer: Enhancer, pixels: NDArray[Any]) -> None:
        if shows_something(pixels):
            self._settled = self._make(for_frames(enhancer, pixels))


def ladder(
    enhancer: Enhancer, *, strength: float = 1.0, tile: int | None = None, upscale: float = 1
) -> tuple[Step, ...]:
    """The steps for an enhancer, the best first: itself, lighter ones, the last of them on parts only, pass through.

    Lighter ones are given the options that they know.
    """
    step = partial(Step, strength=strength, tile=tile, upscale=upscale)
    chain = [enhancer, *_lighter(enhancer)]
    steps = [step(one.name, one) for one in chain]
    last = chain[-1]
    if last.receptive_radius is not None:
        steps.append(step(f"{last.name} on what changed", last, Changed))
        steps.append(step(f"{last.name} on the centre", last, partial(Changed, central=True)))
    return (*steps, step(PASS, None))


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
