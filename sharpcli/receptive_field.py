"""How far one pixel's change moves: the receptive field of a function, measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

VISIBLE = 0.5 / 255
"""Less is no other level of an 8-bit picture."""


@dataclass(frozen=True)
class Reach:
    """The farthest pixels, in pixels, that changed at all and that changed by more than half an 8-bit level.

    `whole` says that a change came as far as the measured picture goes, so that the true reach may be larger.
    """

    any: int
    visible: int
    whole: bool


def measured_reach(
    function: Callable[[NDArray[Any]], NDArray[Any]], pixels: NDArray[Any], places: int = 8, seed: int = 0
) -> Reach:
    """Change single pixels of H x W x C, float32 in [0, 1] or uint8, and see how far the result changes.

    The pixels lie near the middle, one on each phase of a sampling grid of up to `places`. Where a network's
    non-linearities cut a path on these pixels it is not seen, so the truth may be a little larger, never smaller.
    """
    generator = np.random.default_rng(seed)
    full = 255 if pixels.dtype == np.uint8 else 1.0
    height, width = pixels.shape[:2]
    before = function(pixels).astype(np.float32) / full
    most, seen, border = 0, 0, False
    for place in range(places):
        y, x = height // 2 + place, width // 2 + int(generator.integers(places))
        y, x = min(y, height - 1), min(x, width - 1)
        # To the far end of the range, which is the strongest push that is allowed.
        changed = pixels.copy()
        changed[y, x] = np.where(pixels[y, x] > full / 2, 0, full)
        change = np.abs(function(changed).astype(np.float32) / full - before).max(axis=2)
        distance = np.maximum.outer(np.abs(np.arange(height) - y), np.abs(np.arange(width) - x))
        most = max(most, int(distance[change > 0].max(initial=0)))
        seen = max(seen, int(distance[change > VISIBLE].max(initial=0)))
        edge = np.ones((height, width), bool)
        edge[1:-1, 1:-1] = False
        border = border or bool((change[edge] > 0).any())
    return Reach(most, seen, border)
