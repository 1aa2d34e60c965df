"""How far one pixel's change moves: the receptive field of a function, measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

VISIBLE = 0.5 / 255
"""Less is no other level of an 8-bit image."""

Function = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True)
class ReceptiveField:
    """The farthest pixels, in pixels, that changed at all and that changed by more than half an 8-bit level.

    `whole` says that a change came as far as the measured image goes, so that the true radius may be larger.
    """

    any: int
    visible: int
    whole: bool


def receptive_field(function: Function, pixels: NDArray[Any], places: int = 8, seed: int = 0) -> ReceptiveField:
    """Change single pixels of H x W x C, float32 in [0, 1] or uint8, and see how far the result changes.

    The pixels lie near the middle, one on each row and each column of a sampling grid of up to `places`. Where a
    network's non-linearities cut a path on these pixels it is not seen, so the truth may be larger, never smaller:
    give it images that the function does something to.
    """
    full = _full(pixels)
    height, width = pixels.shape[:2]
    before, noise = _steady(function, pixels)
    most, seen, border = 0, 0, False
    for row, column in enumerate(np.random.default_rng(seed).permutation(places).tolist()):
        y, x = min(height // 2 + row, height - 1), min(width // 2 + column, width - 1)
        # To the far end of the range, which is the strongest push that is allowed.
        changed = pixels.copy()
        changed[y, x] = np.where(pixels[y, x] > full / 2, 0, full)
        change = np.abs(_unit(function(changed)) - before).max(axis=2)
        distance = np.maximum.outer(np.abs(np.arange(height) - y), np.abs(np.arange(width) - x))
        most = max(most, int(distance[change > noise].max(initial=0)))
        seen = max(seen, int(distance[change > max(noise, VISIBLE)].max(initial=0)))
        edge = np.ones((height, width), bool)
        edge[1:-1, 1:-1] = False
        border = border or bool((change[edge] > noise).any())
    return ReceptiveField(most, seen, border)


def change_from_beyond(function: Function, pixels: NDArray[Any], radius: int, places: int = 8) -> float:
    """The largest change, in [0, 1], of the middle `places` x `places` when all beyond `radius` of it is replaced.

    Sees what no single pixel moves visibly, such as the mean of the whole image.
    """
    height, width = pixels.shape[:2]
    middle = tuple(slice(max(0, side // 2 - places // 2), side // 2 + (places + 1) // 2) for side in (height, width))
    kept = tuple(slice(max(0, part.start - radius), part.stop + radius) for part in middle)
    before, noise = _steady(function, pixels)
    most = 0.0
    for other in (_full(pixels) - pixels, np.zeros_like(pixels)):
        other[kept] = pixels[kept]
        most = max(most, float(np.abs(_unit(function(other)) - before)[middle].max()))
    return most if most > noise else 0.0


def _steady(function: Function, pixels: NDArray[Any]) -> tuple[NDArray[np.float32], float]:
    """The result in [0, 1], and by how much a second call differs."""
    function(pixels)  # an engine may compile anew when a size comes again, and add in another order
    before = _unit(function(pixels))
    return before, float(np.abs(_unit(function(pixels)) - before).max())


def _unit(result: NDArray[Any]) -> NDArray[np.float32]:
    return result.astype(np.float32) / np.float32(_full(result))


def _full(pixels: NDArray[Any]) -> int:
    return 255 if pixels.dtype == np.uint8 else 1
