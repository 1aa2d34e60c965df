"""The basic checks, without which no other makes sense."""

from __future__ import annotations

import re

import numpy as np

from sharpcli.checks.check import check
from sharpcli.checks.subject import Failure, Subject
from sharpcli.pipeline.guard import attempt, call

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@check("loads", basic=True)
def loads(subject: Subject) -> str:
    """The plugin can be imported and offers an enhancer."""
    return f"from {subject.enhancer.origin or type(subject.enhancer).__module__}"


@check("declaration", basic=True)
def declaration(subject: Subject) -> str:
    """Name, summary and the other declared attributes are of the right type."""
    own = subject.enhancer
    wrong = []

    def must(right: bool, name: str, what: str) -> None:
        if not right:
            wrong.append(f"{name} is {getattr(own, name)!r} and must be {what}")

    must(NAME.fullmatch(own.name) is not None, "name", "letters, digits, dots, hyphens and underscores")
    must(own.summary.strip() != "" and "\n" not in own.summary, "summary", "one line that says what it does")
    must(own.color in ("rgb", "luma", "any"), "color", "rgb, luma or any")
    must(own.dtype in ("float32", "uint8", "any"), "dtype", "float32, uint8 or any")
    radius, multiple = own.receptive_radius, own.tile_multiple
    right = radius is None or radius >= 0
    must(right, "receptive_radius", "a number of pixels from 0, or None for the whole image")
    right = type(multiple) is int and 1 <= multiple <= 512
    must(right, "tile_multiple", "a whole number of pixels from 1 to 512")
    must(type(own.max_tile) is int and own.max_tile >= 64, "max_tile", "a whole number of pixels from 64")
    right = type(own.bytes_per_pixel) is int and own.bytes_per_pixel >= 1
    must(right, "bytes_per_pixel", "a whole number of bytes from 1")
    if wrong:
        raise Failure("; ".join(wrong))
    seen = "the whole image" if radius is None else f"receptive radius {radius}"
    return f"{own.color}, {own.dtype}, {seen}, tile multiple {multiple}, {own.bytes_per_pixel} bytes per pixel"


@check("runs", basic=True)
def runs(subject: Subject) -> str:
    """It returns an array for an image of 64 x 48 pixels."""
    for pixels in subject.images():
        result = attempt(subject.chosen(pixels), pixels)
        if not isinstance(result, np.ndarray):
            raise Failure(f"it returned {type(result).__name__} instead of a NumPy array")
    return ""


@check("input", basic=True)
def keeps_input(subject: Subject) -> str:
    """It does not modify its input."""
    for pixels in subject.images():
        given = pixels.copy()
        attempt(subject.chosen(pixels), given)
        # Once more as it is used: through a view that cannot be written to, which not every library heeds.
        locked = given.view()
        locked.flags.writeable = False
        if np.array_equal(given, pixels):
            attempt(subject.chosen(pixels), locked)
        if not np.array_equal(given, pixels):
            raise Failure("it modifies its input, which the result is blended with; return a new array")
    return ""


@check("shape", basic=True)
def shape(subject: Subject) -> str:
    """The result has the shape of the input, height before width."""
    for pixels in subject.images():
        result = attempt(subject.chosen(pixels), pixels)
        if result.shape != pixels.shape:
            raise Failure(f"it returned {result.shape} for {pixels.shape}; shapes are (height, width, channels)")
    return f"{pixels.shape[2]} channel{'s' if pixels.shape[2] > 1 else ''}"


@check("dtype", basic=True)
def dtype(subject: Subject) -> str:
    """The result has the dtype of the input."""
    for pixels in subject.images():
        result = attempt(subject.chosen(pixels), pixels)
        if result.dtype != pixels.dtype:
            due = "floats in [0, 1]" if pixels.dtype.kind == "f" else "levels, rounded and clipped to 0 to 255"
            raise Failure(f"it returned {result.dtype} for {pixels.dtype}; expected {due} for input {pixels.dtype}")
    return " and ".join(dtype for dtype, _ in subject.kinds)


@check("finite", basic=True)
def finite(subject: Subject) -> str:
    """No value of the result is NaN or infinite."""
    for pixels in subject.images():
        call(subject.chosen(pixels), pixels)
    return ""
