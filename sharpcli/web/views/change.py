"""How much a result differs from its input, in words that follow from the pixels, and what else may help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.image.crops import SAMPLES, Place, most_different
from sharpcli.image.image import BT601
from sharpcli.inference.enhancers import AUTO, DEBLUR
from sharpcli.pipeline.strength import MAX_STRENGTH
from sharpcli.plugin.registry import load_registry
from sharpcli.scoring.score import rgb_of
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.image.image import Image
    from sharpcli.plugin.enhancer import Enhancer

BLOCK = 32
"""Side of the squares that are judged, in pixels."""
CONTRAST = 32
"""Levels of 255 that a square with detail spans, leaving out its 2 % darkest and brightest pixels."""
PLACE = 400
"""Side of the square that changed most: about what is seen of it at once."""
HARDLY, SLIGHTLY, CLEARLY = 4, 10, 25
"""Up to which 99th percentile of the change, in levels of 255, it is called so; `tests/web/views/test_change.py`."""
SOFT, SHARP = 0.2, 0.4
"""Steepness below which a result is still soft, and from which an input needs nothing; see `Change.steepness`."""


@dataclass(frozen=True)
class Change:
    """What differs between input and result, in luma levels of 255, where there is detail (else everywhere)."""

    mean: float
    """Mean absolute change."""
    most: float
    """Its 99th percentile."""
    steepness: float | None
    """How sharp the sharpest tenth of the result's detail is at least: the largest step from a pixel to the next, as a
    share of a square's contrast. An edge that is blurred by a Gaussian of n pixels has 0.4 / n; None is no detail."""
    place: Place
    """The middle of what changed most."""


def measured(before: Image, after: Image) -> Change:
    """The change from one image to another of the same size."""
    first, second = rgb_of(before), rgb_of(after)
    result = _squares(second)
    change = np.abs(result - _squares(first))
    low, high = np.percentile(result, (2, 98), axis=(1, 2))
    detailed = high - low > CONTRAST
    seen = change[detailed] if detailed.any() else change
    steepness = None
    if detailed.any():
        squares = result[detailed]
        steps = [np.abs(np.diff(squares, axis=axis)).reshape(len(squares), -1) for axis in (1, 2)]
        largest = np.percentile(np.concatenate(steps, 1), 99, axis=1)
        steepness = float(np.percentile(largest / (high - low)[detailed], 90))
    return Change(
        float(seen.mean()), float(np.percentile(seen, 99)), steepness, most_different([(second, first)], PLACE)
    )


def in_words(change: Change, enhancer: Enhancer, strength: float) -> str:
    """A line of Markdown: how much changed, and what may help an image that is still soft."""
    return f"{_verdict(change, enhancer, strength)} {_figures(change)}"


def _verdict(change: Change, enhancer: Enhancer, strength: float) -> str:
    if change.steepness is not None and change.steepness < SOFT:
        return say(
            "**Still soft**: this photo is blurrier than this enhancer can restore; {advice}.",
            advice=_advice(enhancer, strength),
        )
    if change.most >= HARDLY:
        return _changed(change.most)
    if change.steepness is None:
        return say("**Hardly changed**: there is hardly any detail in this photo.")
    if change.steepness >= SHARP:
        return say("**Hardly changed**: this photo is already sharp.")
    return say("**Hardly changed**.")


def _changed(most: float) -> str:
    if most < SLIGHTLY:
        return say("**Changed slightly**.")
    return say("**Changed clearly**.") if most < CLEARLY else say("**Changed strongly**.")


def _figures(change: Change) -> str:
    return say(
        "Where there is detail, pixels differ by {mean} of 255 levels on average, and 1 in 100 by {most} or more.",
        mean=f"{change.mean:.1f}",
        most=f"{change.most:.0f}",
    )


def _advice(enhancer: Enhancer, strength: float) -> str:
    """What restores more of a large blur: a larger network about 0.2 dB, strength 2 about 0.7 dB (docs/page.md)."""
    if DEBLUR in _profiles(type(enhancer)) and getattr(enhancer, "profile", None) not in (DEBLUR, AUTO):
        return say("try profile {profile}", profile=DEBLUR)
    best = _largest()
    if best is None or best == enhancer.name:
        stronger = strength < MAX_STRENGTH
        return say("try a higher strength") if stronger else say("no installed enhancer restores more")
    if strength < MAX_STRENGTH:
        return say("try the enhancer {enhancer} and a higher strength", enhancer=best)
    return say("try the enhancer {enhancer}", enhancer=best)


def _largest() -> str | None:
    """The installed enhancer with the largest network for blurred images."""
    found = {name: one.enhancer for name, one in load_registry().found.items() if DEBLUR in _profiles(one.enhancer)}

    def size(name: str) -> float:
        cost = found[name].create({"profile": DEBLUR}).cost()
        return (cost and cost.kmac_per_pixel) or 0

    return max(found, key=size, default=None)


def _profiles(enhancer: type[Enhancer]) -> tuple[str, ...]:
    return next((one.choices for one in enhancer.options() if one.name == "profile"), ())


def _squares(rgb: NDArray[Any]) -> NDArray[np.float32]:
    """The luma of squares that are spread evenly over an image: N x BLOCK x BLOCK, fewer rows where it is smaller."""
    height, width = (min(BLOCK, edge) for edge in rgb.shape[:2])
    down, across = rgb.shape[0] // height, rgb.shape[1] // width
    every = max(1, int(np.sqrt(down * height * across * width / SAMPLES)))
    squares = rgb[: down * height, : across * width].reshape(down, height, across, width, 3)[::every, :, ::every]
    luma: NDArray[np.float32] = squares.astype(np.float32) @ BT601
    return luma.swapaxes(1, 2).reshape(-1, height, width)
