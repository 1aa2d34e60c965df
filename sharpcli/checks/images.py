"""Whether all kinds of images come through the path that every front end uses."""

from __future__ import annotations

import numpy as np

from sharpcli.checks.check import check
from sharpcli.checks.subject import IMAGE_SIZE, Failure, Subject, as_kind, in_levels, levels_apart, soft
from sharpcli.image.image import Image, Pixels
from sharpcli.pipeline.run import enhanced

CLOSE = 2.0
"""Levels of 255 by which 16 bits may differ from 8: rounding, before and after."""


def _grey() -> Pixels:
    return as_kind(soft(IMAGE_SIZE), ("uint8", 1))


@check("grey")
def grey(subject: Subject) -> str:
    """Grey images stay grey."""
    if subject.enhancer.color == "any":
        for dtype, _ in subject.kinds:
            subject.enhanced(as_kind(soft(IMAGE_SIZE), (dtype, 1)))
    enhanced(Image(_grey(), "L"), subject.enhancer)
    return ""


@check("alpha")
def alpha(subject: Subject) -> str:
    """Transparency is unchanged and does not affect the colours."""
    cover = _grey()
    opaque = enhanced(Image(soft(IMAGE_SIZE), "RGB"), subject.enhancer).pixels
    both = enhanced(Image(np.concatenate([soft(IMAGE_SIZE), cover], axis=2), "RGBA"), subject.enhancer).pixels
    if not np.array_equal(both[..., -1:], cover):
        raise Failure("alpha is changed")
    if (apart := levels_apart(both[..., :-1], opaque)) > 1:
        raise Failure(f"colours with alpha give a different result than without ({in_levels(apart)})")
    return ""


@check("16-bit")
def sixteen_bits(subject: Subject) -> str:
    """16-bit images stay 16-bit and match the 8-bit result."""
    exact = np.random.default_rng(0).integers(0, 1 << 16, (*IMAGE_SIZE, 3), np.uint16)
    eight = enhanced(Image(soft(IMAGE_SIZE), "RGB"), subject.enhancer).pixels
    sixteen = enhanced(Image(soft(IMAGE_SIZE).astype(np.uint16) * np.uint16(257), "RGB"), subject.enhancer).pixels
    apart = float(np.abs(sixteen / 257 - eight.astype(np.float64)).max())
    if apart > CLOSE:
        raise Failure(f"a 16-bit image differs from its 8-bit version by {in_levels(apart)}")
    if np.array_equal(eight, soft(IMAGE_SIZE)):
        if not np.array_equal(enhanced(Image(exact, "RGB"), subject.enhancer).pixels, exact):
            raise Failure("8-bit images are unchanged, but 16-bit images lose precision")
        return "lossless"
    return f"{in_levels(apart)} from 8 bits"
