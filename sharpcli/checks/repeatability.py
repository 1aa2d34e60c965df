"""Whether the same pixels always give the same result."""

from __future__ import annotations

from dataclasses import replace

from sharpcli.checks.check import check
from sharpcli.checks.subject import IMAGE_SIZE, Failure, Subject, in_levels, levels_apart

SAME = 0.025
"""Levels of 255 that floats may differ by, since an engine may add in another order: six of a 16-bit image's."""


@check("determinism", basic=True)
def determinism(subject: Subject) -> str:
    """Two calls, and a new instance with the same options, give the same result."""
    for pixels in subject.images():
        first = subject.enhanced(pixels).copy()
        if (apart := levels_apart(subject.enhanced(pixels), first)) > SAME:
            raise Failure(f"two equal calls give different results ({in_levels(apart)})")
        again = subject.as_by(replace(subject.enhancer))
        if (apart := levels_apart(again.enhanced(pixels), first)) > SAME:
            raise Failure(f"a new instance gives a different result ({in_levels(apart)})")
    return ""


@check("state")
def state(subject: Subject) -> str:
    """One image does not affect the next, and no result changes afterwards."""
    for index, pixels in enumerate(subject.images()):
        first = subject.enhanced(pixels)
        kept = first.copy()
        for size, variation in ((IMAGE_SIZE, 1), (IMAGE_SIZE[::-1], 2), (IMAGE_SIZE, 3)):
            subject.enhanced(list(subject.images(size, variation))[index])
        if (apart := levels_apart(first, kept)) > 0:
            raise Failure(f"a later call changes an earlier result (by {in_levels(apart)}); return a new array")
        if (apart := levels_apart(subject.enhanced(pixels), kept)) > SAME:
            raise Failure(f"an image between two calls changes the result ({in_levels(apart)}); keep no state")
    return ""
