"""The profile that live frames are enhanced with unless another is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from sharpcli.errors import SharpError
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.enhancer import Enhancer

STEADY = ("call", "photo")
"""The first of these that an enhancer has: that these are frames of a call is known, and `auto` might not see it."""


def for_calls(name: str, settings: Mapping[str, str]) -> Enhancer:
    """The enhancer with the profile meant for calls, unless `settings` name one; raises SharpError."""
    for profile in () if "profile" in settings else STEADY:
        try:
            return create_enhancer(name, {"profile": profile, **settings})
        except SharpError:
            continue
    return create_enhancer(name, dict(settings))
