"""What may be done to each frame, from the best to nothing: the ladder that a governor goes down and up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharpcli.errors import SharpError
from sharpcli.pipeline.guard import for_this_machine
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.video.frames import FrameEnhancer

if TYPE_CHECKING:
    from av import VideoFrame

LIGHT = "student-live"
STEADY = ("call", "photo")
"""Profiles, the first that an enhancer has: one that looks at each frame anew would flicker."""


@dataclass(frozen=True)
class Step:
    """One way to treat frames; `name` is shown."""

    name: str
    run: Callable[[VideoFrame], VideoFrame]


def ladder(enhancer: Enhancer, strength: float = 1.0) -> list[Step]:
    """The enhancer asked for, the light network, and passing through."""
    steps = [_step(enhancer, strength)]
    if enhancer.name in ("student", "student-large", "teacher"):
        given = {"profile": str(vars(enhancer)["profile"])} if "profile" in vars(enhancer) else {}
        steps.append(_step(steady(LIGHT, given), strength))
    return [*steps, Step("pass through", lambda frame: frame)]


def steady(name: str, settings: dict[str, str]) -> Enhancer:
    """An enhancer with the profile that is meant for calls, unless `settings` name one; raises SharpError."""
    if "profile" not in settings:
        for profile in STEADY:
            try:
                return create_enhancer(name, {"profile": profile, **settings})
            except SharpError:
                continue
    return create_enhancer(name, settings)


def _step(enhancer: Enhancer, strength: float) -> Step:
    return Step(enhancer.name, FrameEnhancer(for_this_machine(enhancer), strength))
