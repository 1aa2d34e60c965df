"""The degradation vector of a file that cannot look at images: from options as `enhance` has them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from sharpcli.errors import SharpError
from sharpcli.inference.degradation import KINDS, Degradation

LENS = ("defocus", "motion")
"""Blurs that are a lens's unless said otherwise, so that they mixed linear light; Gaussians are mostly digital."""
OF_BLUR, OF_CALL = ("kind", "blur", "noise", "light"), ("coding", "enlarged")
LIMITS = {"blur": (0.0, 12.0), "noise": (0.0, 30.0), "coding": (0.0, 21.0), "enlarged": (1.0, 4.0)}
"""`blur` in pixels, `noise` and `coding` in 8-bit levels of luma, `enlarged` in times."""


def vector_of(options: Mapping[str, str], call: bool) -> tuple[float, ...]:
    """The vector for `kind`, `blur`, `noise` and `light`, or for a call's `coding` and `enlarged`.

    Raises SharpError for an option that there is not, or a value out of its range.
    """
    known = OF_CALL if call else OF_BLUR
    for name in options:
        if name not in known:
            raise SharpError(f"option {name} is not one of {', '.join(known)}")
    numbers = {name: _number(name, text) for name, text in options.items() if name in LIMITS}
    return (_of_call(numbers) if call else _of_blur(options, numbers)).vector()


def _of_blur(options: Mapping[str, str], numbers: Mapping[str, float]) -> Degradation:
    kind, light = options.get("kind", "gaussian" if "blur" in numbers else "none"), options.get("light", "auto")
    if kind not in ("none", *KINDS):
        raise SharpError(f"kind must be one of none, {', '.join(KINDS)}, not {kind!r}")
    if light not in ("auto", "linear", "encoded"):
        raise SharpError(f"light must be linear or encoded, not {light!r}")
    if (kind != "none") != (numbers.get("blur", 0) > 0):
        raise SharpError("a kind of blur needs its size in pixels and the other way round: -O kind=gaussian -O blur=2")
    linear = kind in LENS if light == "auto" else light == "linear"
    return replace(
        Degradation().with_blur(kind, numbers.get("blur")), linear=float(linear), noise=numbers.get("noise", 0)
    )


def _of_call(numbers: Mapping[str, float]) -> Degradation:
    coding, enlarged = numbers.get("coding", 0.0), numbers.get("enlarged", 1.0)
    coded = replace(Degradation(), jpeg=float(coding > 0), quality=105 - 30 * math.log2(coding + 1), video=True)
    if enlarged <= 1:
        return coded
    return replace(coded, resampled=1.0, log_scale=math.log(enlarged), up=(0.0, 0.0, 1.0), down=(0.0, 0.0, 1.0, 0.0))


def _number(name: str, text: str) -> float:
    least, most = LIMITS[name]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise SharpError(f"option {name} must be a number from {least:g} to {most:g}, not {text!r}")
    return value
