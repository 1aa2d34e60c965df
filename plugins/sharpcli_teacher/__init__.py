"""The teacher: the heavy network on RGB that the students learn from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sharpcli.inference import ConditionedEnhancer
from sharpcli.plugin import Enhancer, hookimpl


class TeacherEnhancer(ConditionedEnhancer):
    """ResNet-18 encoder with a half-resolution trunk."""

    name = "teacher"
    summary = "large RGB network that the students are distilled from; about twenty times the cost of `student`"
    folder = Path(__file__).parent / "weights"
    color = "rgb"
    tile_multiple = 8
    bytes_per_pixel = 800

    @property
    def receptive_radius(self) -> int:  # type: ignore[override]
        """Profile deblur, which auto may choose, has 16 blocks in the trunk, the others 6."""
        return 126 if self.conditioned or self.profile == "auto" else 86


@hookimpl
def enhancers() -> Iterable[type[Enhancer]]:
    """The teacher."""
    return [TeacherEnhancer]
