"""Whether values are of the right size."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import numpy as np

from sharpcli.checks.check import check
from sharpcli.checks.subject import IMAGE_SIZE, Failure, Subject, as_kind, soft

LOW, HIGH = -1.0, 2.0
"""What a float result may hold: sharpening overshoots, and the core cuts off what does, but another scale is wrong."""
FLAT = 0.25
"""How far the mean of an image of one colour may leave [0, 1], where there is nothing to overshoot."""
CONTRAST, SHIFT, JUMP = 50, 60, 128
"""Levels: the contrast of an image near white or black, how far it is moved from there, and what no result jumps."""


@check("range")
def in_range(subject: Subject) -> str:
    """Float results are on the scale [0, 1], and bytes do not wrap around at black and white."""
    note = ""
    for pixels in subject.images():
        if pixels.dtype == np.uint8:
            _wrap(subject)
            continue
        result = subject.enhanced(pixels)
        low, high = float(result.min()), float(result.max())
        if low < LOW or high > HIGH:
            raise Failure(f"values go from {low:.4g} to {high:.4g} for inputs from 0 to 1; stay on that scale")
        note = f"{low:.2f} to {high:.2f}"
    return note


def _wrap(subject: Subject) -> None:
    """Raise Failure where an image near white or black gets what one farther off, moved there, does not."""
    kind = "uint8", subject.kinds[0][1]
    dim = (as_kind(soft(IMAGE_SIZE), kind) * (CONTRAST / 255)).astype(np.uint8)
    for name, near, shift in (("white", dim + np.uint8(255 - CONTRAST), SHIFT), ("black", dim, -SHIFT)):
        away = (near.astype(np.int16) - shift).astype(np.uint8)
        expected = (subject.enhanced(away).astype(np.int16) + shift).clip(0, 255)
        if np.abs(subject.enhanced(near) - expected).max() > JUMP:
            raise Failure(f"bytes wrap around near {name}; clip to 0 and 255 before turning values into uint8")


@check("flat")
def flat(subject: Subject) -> str:
    """Images of a single colour, which have no contrast, give finite results in range."""
    for kind in subject.kinds:
        for name, level in (("black", 0), ("grey", 128), ("white", 255)):
            pixels = as_kind(np.full((*IMAGE_SIZE, 3), level, np.uint8), kind)
            result = subject.enhanced(pixels)
            mean = float(result.mean())
            if pixels.dtype.kind == "f" and not -FLAT <= mean <= 1 + FLAT:
                raise Failure(f"a {name} image becomes {mean:.4g} on a scale from 0 to 1")
    return "black, grey, white"


@check("silence")
def silence(subject: Subject) -> str:
    """It prints nothing to standard output, where only results belong."""
    heard = io.StringIO()
    with redirect_stdout(heard):
        subject.enhanced(subject.image())
    if heard.getvalue():
        raise Failure(f"it prints {heard.getvalue()[:40]!r} to standard output; use logging instead")
    return ""
