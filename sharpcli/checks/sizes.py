"""Whether images of every size and layout in memory are taken."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sharpcli.checks.check import check
from sharpcli.checks.repeatability import SAME
from sharpcli.checks.subject import Failure, Subject, during, in_levels, levels_apart

ODD = ((33, 48), (32, 47), (31, 45), (17, 129), (61, 9))
TINY = ((1, 1), (1, 2), (2, 1), (1, 9), (9, 1), (2, 3), (5, 7))


@check("odd-sizes")
def odd_sizes(subject: Subject) -> str:
    """It accepts odd image sizes."""
    return _taken(subject, ODD)


@check("1x1")
def tiny_sizes(subject: Subject) -> str:
    """It accepts images of one pixel, one row or one column."""
    return _taken(subject, TINY)


def _taken(subject: Subject, sizes: Iterable[tuple[int, int]]) -> str:
    for height, width in sizes:
        for pixels in subject.images((height, width)):
            with during(f"on {width} x {height} pixels"):
                subject.enhanced(pixels)
    return ", ".join(f"{width}x{height}" for height, width in sizes)


@check("layout")
def layout(subject: Subject) -> str:
    """Non-contiguous arrays, such as those of rotated images, give the same result."""
    for pixels in subject.images():
        padded = np.concatenate([pixels, pixels[..., :1]], axis=2)
        for name, view in (
            ("mirrored", pixels[:, ::-1]),
            ("turned", pixels.transpose(1, 0, 2)),
            ("thinned", pixels[::2, ::3]),
            ("with alpha beside it", padded[..., :-1]),
        ):
            apart = levels_apart(subject.enhanced(view), subject.enhanced(np.ascontiguousarray(view)))
            if apart > SAME:
                raise Failure(
                    f"arrays that are {name} in memory give a different result ({in_levels(apart)}); "
                    "use numpy.ascontiguousarray"
                )
    return "mirrored, turned, thinned, beside alpha"
