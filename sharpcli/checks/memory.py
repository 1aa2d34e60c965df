"""Whether an enhancer takes as much memory as it declares."""

from __future__ import annotations

from functools import partial
from math import isqrt
from time import perf_counter

from sharpcli.checks.check import Skip, check
from sharpcli.checks.subject import IMAGE_SIZE, Failure, Subject
from sharpcli.measure.memory import peak_of
from sharpcli.pipeline.budget import give_back
from sharpcli.pipeline.guard import attempt

ENOUGH = 200e6
"""Bytes that a call should take by its declaration, so that what else goes on in the process does not count."""
MIN_PIXELS, MAX_PIXELS = 1 << 18, 1 << 20
"""Pixels of the image that is tried."""
PATIENCE = 3.0
"""Seconds that a call should take at most: a slow enhancer is tried on less."""
TOLERANCE, CONSTANT = 1.5, 8e6
"""How much more than declared is borne, and bytes of what does not grow with the image, such as compiled code.

The share of `--memory` that tiles get is a third, so half as much again is still within what a user allowed.
"""


@check("memory")
def memory(subject: Subject) -> str:
    """A call takes no more memory per pixel than declared in bytes_per_pixel."""
    declared = subject.enhancer.bytes_per_pixel
    side = isqrt(int(min(MAX_PIXELS, max(MIN_PIXELS, ENOUGH / declared), PATIENCE / _seconds(subject))))
    taken = []
    for pixels in subject.images((side, side)):
        chosen = subject.chosen(pixels)
        # Twice, since an engine may compile anew for a size that comes again.
        for _ in range(2):
            give_back()
            peak = peak_of(partial(attempt, chosen, pixels))
            # The result is counted as the image's own.
            taken += [] if peak is None else [max(0, peak - pixels.nbytes)]
    if not taken:
        raise Skip("this system does not report peak memory")
    each = max(taken) / side**2
    needs = f"{each:.0f} bytes per pixel, declared {declared}"
    if max(taken) > TOLERANCE * declared * side**2 + CONSTANT:
        raise Failure(f"it takes {needs}; bytes_per_pixel must be about {each:.0f}, or --memory may be exceeded")
    return needs


def _seconds(subject: Subject) -> float:
    """What a call takes for each pixel, once all is loaded and compiled that does not grow with the image."""
    for pixels in subject.images():
        subject.enhanced(pixels)
        began = perf_counter()
        subject.enhanced(pixels)
    return (perf_counter() - began) / (IMAGE_SIZE[0] * IMAGE_SIZE[1])
