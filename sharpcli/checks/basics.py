"""Without these, nothing else can be told of an enhancer."""

from __future__ import annotations

import re

import numpy as np

from sharpcli.checks.check import check
from sharpcli.checks.subject import Failure, Subject
from sharpcli.pipeline.guard import attempt, call

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@check("loads", basic=True)
def loads(subject: Subject) -> str:
    """It can be imported, and offers an enhancer."""
    return f"from {subject.enhancer.origin or type(subject.enhancer).__module__}"


@check("declaration", basic=True)
def declaration(subject: Subject) -> str:
    """Name, summary, colour, dtype, reach, align, tile and work are of the right kind."""
    own = subject.enhancer
    wrong = []

    def must(right: bool, name: str, what: str) -> None:
        if not right:
            wrong.append(f"{name} is {getattr(own, name)!r} and must be {what}")

    must(NAME.fullmatch(own.name) is not None, "name", "letters, digits, dots, hyphens and underscores")
    must(own.summary.strip() != "" and "\n" not in own.summary, "summary", "one line that says what it does")
    must(own.colour in ("rgb", "luma", "any"), "colour", "rgb, luma or any")
    must(own.dtype in ("float32", "uint8", "any"), "dtype", "float32, uint8 or any")
    must(own.reach is None or own.reach >= 0, "reach", "a number of pixels from 0, or None for the whole image")
    must(type(own.align) is int and 1 <= own.align <= 512, "align", "a whole number of pixels from 1 to 512")
    must(type(own.tile) is int and own.tile >= 64, "tile", "a whole number of pixels from 64")
    must(type(own.work) is int and own.work >= 1, "work", "a whole number of bytes from 1")
    if wrong:
        raise Failure("; ".join(wrong))
    reach = "the whole image" if own.reach is None else f"reach {own.reach}"
    return f"{own.colour}, {own.dtype}, {reach}, align {own.align}, work {own.work}"


@check("runs", basic=True)
def runs(subject: Subject) -> str:
    """It returns an array for an image of 64 x 48 pixels."""
    for pixels in subject.images():
        result = attempt(subject.chosen(pixels), pixels)
        if not isinstance(result, np.ndarray):
            raise Failure(f"it returned {type(result).__name__} where a NumPy array was due")
    return ""


@check("input", basic=True)
def keeps_input(subject: Subject) -> str:
    """It leaves the pixels as they are that it is given."""
    for pixels in subject.images():
        given = pixels.copy()
        attempt(subject.chosen(pixels), given)
        # Once more as it is used: through a view that cannot be written to, which not every library heeds.
        locked = given.view()
        locked.flags.writeable = False
        if np.array_equal(given, pixels):
            attempt(subject.chosen(pixels), locked)
        if not np.array_equal(given, pixels):
            raise Failure("it changes the pixels it is given, which the result is blended with; return new ones")
    return ""


@check("shape", basic=True)
def shape(subject: Subject) -> str:
    """The result has the shape of what was given, height before width."""
    for pixels in subject.images():
        result = attempt(subject.chosen(pixels), pixels)
        if result.shape != pixels.shape:
            raise Failure(f"it returned {result.shape} for {pixels.shape}; shapes are (height, width, channels)")
    return f"{pixels.shape[2]} channel{'s' if pixels.shape[2] > 1 else ''}"


@check("dtype", basic=True)
def dtype(subject: Subject) -> str:
    """The result has the dtype of what was given."""
    for pixels in subject.images():
        result = attempt(subject.chosen(pixels), pixels)
        if result.dtype != pixels.dtype:
            due = (
                "floats on the scale of [0, 1]"
                if pixels.dtype.kind == "f"
                else "levels, rounded and clipped to 0 to 255"
            )
            raise Failure(f"it returned {result.dtype} for {pixels.dtype}; {due} are due, as {pixels.dtype}")
    return " and ".join(dtype for dtype, _ in subject.kinds)


@check("finite", basic=True)
def finite(subject: Subject) -> str:
    """No value of the result is NaN or infinite."""
    for pixels in subject.images():
        call(subject.chosen(pixels), pixels)
    return ""
