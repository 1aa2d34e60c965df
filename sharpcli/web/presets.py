"""The presets: named choices of enhancer, profile and enlargement, for visitors who know none of these words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sharpcli.plugin.registry import load_registry
from sharpcli.web.words.say import say

CUSTOM = "Custom"
"""What the settings are called that no preset has."""


@dataclass(frozen=True)
class Preset:
    """What one click sets; options that are not named here take their defaults.

    The browser knows it by `name`; `words` are what visitors read: what it is called, and a sentence about it. Of
    `enhancers`, the first that is installed and has the profile is used.
    """

    name: str
    words: Callable[[], tuple[str, str]]
    enhancers: tuple[str, ...]
    profile: str = ""
    upscale: float = 1


PRESETS = (
    Preset("Standard", lambda: (say("Standard"), say("Good and fast.")), ("student",)),
    Preset(
        "Quick",
        lambda: (say("Quick"), say("Fastest, for slow machines and first looks.")),
        ("student-live",),
    ),
    # By the gain on held-out images that the cards of their profile `deblur` state.
    Preset(
        "Best",
        lambda: (say("Best"), say("The most detail. The teacher takes a minute or two for 12 megapixels.")),
        ("teacher", "student-large", "student"),
    ),
    Preset(
        "Video call",
        lambda: (say("Video call"), say("Frames and screenshots of video calls.")),
        ("student", "student-live"),
        profile="call",
    ),
    Preset(
        "Enlarge 2x",
        lambda: (say("Enlarge 2x"), say("Twice the width and height.")),
        ("student", "student-live"),
        upscale=2,
    ),
)


@dataclass(frozen=True)
class Choice:
    """An enhancer with those of its options that are set, and how much to enlarge first."""

    enhancer: str
    options: Mapping[str, Any] = field(default_factory=dict)
    upscale: float = 1


def offered() -> dict[Preset, Choice]:
    """The presets that work with what is installed, and what each of them sets."""
    found = {}
    for preset in PRESETS:
        name = next((name for name in preset.enhancers if _has(name, preset.profile)), None)
        if name is not None:
            found[preset] = Choice(name, {"profile": preset.profile} if preset.profile else {}, preset.upscale)
    return found


def _has(name: str, profile: str) -> bool:
    found = load_registry().found
    if name not in found:
        return False
    profiles = [choice for one in found[name].enhancer.options() if one.name == "profile" for choice in one.choices]
    return not profile or profile in profiles
