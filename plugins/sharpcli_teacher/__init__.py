"""The teacher: the heavy network on RGB that the students learn from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sharpcli.inference import NetworkEnhancer
from sharpcli.plugin import Enhancer, hookimpl


class TeacherEnhancer(NetworkEnhancer):
    """ResNet-18 encoder with a half-resolution trunk."""

    name = "teacher"
    summary = "the heavy network that the students learn from, some twenty times their work"
    folder = Path(__file__).parent / "weights"
    color = "rgb"
    receptive_radius = 86
    tile_multiple = 8
    bytes_per_pixel = 800


@hookimpl
def enhancers() -> Iterable[type[Enhancer]]:
    """The teacher."""
    return [TeacherEnhancer]
