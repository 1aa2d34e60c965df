"""The parts of a picture that changed: only these are run, and what was added to the others is added again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from sharpcli.video.static import Static

ROWS, COLUMNS = 192, 320
"""The largest sides of a tile: small ones follow a face, and each is shown twice the receptive radius more."""
BLOCK = 8
"""Pixels a side over whose mean a change is looked for: a camera's noise mostly cancels out over so many."""
STILL = 4.0
"""Levels of 255 by which no block's mean of a tile may change before the tile is run again."""
SHARE = 1 / 3
"""Most of a picture's tiles that are run for one frame, those first that changed most: half of them would take as long
as the whole picture, which needs no margins."""
CENTRAL_SHARE = 0.15
CENTRE, HALF = (0.45, 0.5), 0.25
"""Where a face is on a call, in shares of height and width, and half the sides of that area."""
Function = Callable[[NDArray[Any]], NDArray[Any]]


class Changed(Static):
    """A function of H x W x C pixels that is run on a bounded share of their tiles, those that changed most.

    In a tile that stood still but for noise, what the function once added is added to the new pixels. One that moved
    and found no room comes back as it went in. Unlike `Static` this is no exact result.
    """

    def __init__(self, function: Function, radius: int | None, multiple: int = 1, central: bool = False) -> None:
        """`central` runs none but those in the middle of the picture; `radius` must be known: tiles are cut by it."""
        super().__init__(function, radius, multiple, (ROWS, COLUMNS))
        self._central = central
        self._kept: list[_Kept] = []
        self._shape: tuple[int, ...] = ()

    def _result(self, pixels: NDArray[Any]) -> NDArray[Any]:
        if pixels.shape != self._shape:
            tiles = self._tiles(pixels)
            # No fewer than one: a small picture is one tile.
            self._most = max(1, int((CENTRAL_SHARE if self._central else SHARE) * len(tiles)))
            chosen = [one for one in tiles if _in_the_middle(one[0], pixels.shape)] if self._central else tiles
            self._kept = [_Kept(place, window, inner) for place, window, inner in chosen or tiles]
            self._shape = pixels.shape
        small = _means(pixels)
        for one in self._kept:
            one.compare(small)
        moved = sorted((one for one in self._kept if one.change > STILL), key=lambda one: -one.change)
        result = pixels.copy()
        for one in moved[: self._most]:
            done = self._function(np.ascontiguousarray(pixels[one.window]))
            one.keep(done, pixels, small)
        for one in moved[self._most :]:
            one.forget()
        for one in self._kept:
            one.add_to(result)
        return result


@dataclass
class _Kept:
    """A tile: its place, that of what it is shown, where in that it begins, and what was last added to it."""

    place: tuple[slice, slice]
    window: tuple[slice, slice]
    inner: tuple[int, int]
    change: float = float("inf")
    _seen: NDArray[Any] | None = None
    _added: NDArray[Any] = field(default_factory=lambda: np.zeros(0))

    def compare(self, small: NDArray[np.float32]) -> None:
        self.change = float("inf") if self._seen is None else float(np.abs(small[self._blocks()] - self._seen).max())

    def keep(self, done: NDArray[Any], pixels: NDArray[Any], small: NDArray[np.float32]) -> None:
        rows, columns = self.place
        top, left = self.inner
        own = done[top : top + rows.stop - rows.start, left : left + columns.stop - columns.start]
        self._added = np.subtract(own, pixels[self.place], dtype=np.int32)
        self._seen = small[self._blocks()].copy()

    def forget(self) -> None:
        self._seen = None

    def add_to(self, result: NDArray[Any]) -> None:
        if self._seen is not None:
            white = np.iinfo(result.dtype).max
            result[self.place] = (result[self.place] + self._added).clip(0, white)

    def _blocks(self) -> tuple[slice, slice]:
        rows, columns = self.window
        return (
            slice(rows.start // BLOCK, -(-rows.stop // BLOCK)),
            slice(columns.start // BLOCK, -(-columns.stop // BLOCK)),
        )


def _means(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """The mean of each block, in levels of 255, of luma, or of green, which is most of it."""
    plane = pixels[..., pixels.shape[2] // 2]
    levels = plane if plane.dtype == np.uint8 else (plane >> 8).astype(np.uint8)
    small = PILImage.fromarray(np.ascontiguousarray(levels)).reduce(BLOCK)
    return np.asarray(small, np.float32)


def _in_the_middle(place: tuple[slice, slice], shape: tuple[int, ...]) -> bool:
    return all(
        abs((one.start + one.stop) / 2 / length - middle) <= HALF
        for one, length, middle in zip(place, shape, CENTRE, strict=False)
    )
