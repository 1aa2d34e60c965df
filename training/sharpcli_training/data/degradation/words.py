"""Says in words what a draw did."""

from __future__ import annotations

import math
from typing import Any

from sharpcli_training.data.degradation.draw import FAMILIES, KINDS, Draw

DOWN, UP = ("bicubic", "Lanczos", "area", "aliased"), ("bicubic", "Lanczos", "bilinear")
CODED = ("", "WebP", "video")
"""By `Draw.coded`."""


def family(draw: Draw, index: int) -> str:
    """The family of an image of the batch; blur by its kind."""
    name = FAMILIES[int(draw.family[index])]
    return KINDS[int(draw.kind[index])] if name == "blur" else name


def words(draw: Draw, index: int) -> str:
    """What an image of the batch went through, in order: "defocus 2.3, noise 3"; sizes in pixels, noise in levels."""
    one = {name: values[index].item() for name, values in vars(draw).items()}
    steps = [
        _blur(one) if one["blur"] else "",
        _resampling(one) if one["resample"] else "",
        f"{one['twice_scale']:.2f} times and back" if one["twice"] else "",
        _noise(one) if one["noise"] else "",
        f"sharpened {one['sharpen']:.1f}" if one["sharpen"] else "",
        f"JPEG {one['quality_first']:.0f}" if one["recompressed"] else "",
        f"JPEG {one['quality']:.0f}" if one["jpeg"] else "",
        CODED[one["coded"]],
    ]
    return ", ".join(filter(None, steps)) or "nothing"


def _blur(one: dict[str, Any]) -> str:
    kind = KINDS[one["kind"]]
    if kind == "disc":
        said = f"defocus {one['radius']:.1f}"
    elif kind == "motion":
        said = f"motion {one['length']:.1f} at {math.degrees(one['theta']):.0f} degrees"
    else:
        ratio = math.exp(2 * abs(one["anisotropy"]))
        said = f"Gaussian {one['sigma']:.1f}" + (f" ({ratio:.1f}:1)" if ratio > 1 else "")
        said += "" if one["exponent"] == 2 else f" of exponent {one['exponent']:.1f}"
    return said + (" in linear light" if one["linear"] else "")


def _resampling(one: dict[str, Any]) -> str:
    between = f", JPEG {one['quality_before']:.0f} in between" if one["jpeg_before"] else ""
    return f"1/{one['scale']:.2f} {DOWN[one['down']]} and back {UP[one['up']]}{between}"


def _noise(one: dict[str, Any]) -> str:
    return ("coarse " if one["correlation"] else "") + f"noise {one['noise']:.1f}"
