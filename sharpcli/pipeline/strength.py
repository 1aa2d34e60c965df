"""How much of an enhancer's change is wanted."""

from __future__ import annotations

from numbers import Real

from sharpcli.errors import SharpError

MAX_STRENGTH = 2
"""Beyond twice the change, noise and halos are all that grows."""


def check_strength(strength: float) -> None:
    """Raise SharpError for a strength that is none."""
    if not isinstance(strength, Real) or not 0 <= strength <= MAX_STRENGTH:  # NaN is neither
        raise SharpError(f"strength must be between 0 and {MAX_STRENGTH}, not {strength!r}")
