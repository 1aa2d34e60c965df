"""Parts of a picture that stand still: what was made of them for the frame before is used again."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.pipeline.tiling import spans

ROWS, COLUMNS = 256, 512
"""The largest sides of a tile: finer ones would follow what moves more closely, but show more of it twice."""
MOVING = 0.5
"""The share of moving tiles up to which they are run one by one; the whole takes no longer than more of them."""
SOME = 16
"""The step between the rows that are compared first."""
Function = Callable[[NDArray[Any]], NDArray[Any]]


class Static:
    """A function of H x W x C pixels that is not run again where all that it would see is as it was the time before.

    The result is the same bit for bit: the function must be deterministic, one of its results must depend on no more
    than `radius` pixels around it (None: on the whole image), and where it rounds tiles in another way than the whole,
    which is tried when first something stands still, only an image that stands still as a whole is not run again. What
    it is called with must not be written to afterwards.
    """

    def __init__(
        self, function: Function, radius: int | None, multiple: int = 1, tile: tuple[int, int] = (ROWS, COLUMNS)
    ) -> None:
        self._function, self._radius, self._multiple, self._tile = function, radius, multiple, tile
        self._exact: bool | None = None if radius is not None else False
        self._before: tuple[NDArray[Any], NDArray[Any]] | None = None

    def __call__(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """The function's result; it must not be written to either."""
        self._before = pixels, self._result(pixels)
        return self._before[1]

    def _result(self, pixels: NDArray[Any]) -> NDArray[Any]:
        if self._before is None or self._before[0].shape != pixels.shape:
            return self._function(pixels)
        before, last = self._before
        if self._exact is False:
            return last if _equal(before, pixels) else self._function(pixels)
        tiles = self._tiles(pixels)
        moving: list[Tile] = []
        for tile in tiles:
            if not _equal(before[tile[1]], pixels[tile[1]]):
                moving.append(tile)
            if len(moving) > MOVING * len(tiles):
                return self._function(pixels)
        if not moving:
            return last
        if self._exact is None:
            whole = self._function(pixels)
            self._exact = np.array_equal(self._filled(whole.copy(), pixels, tiles), whole)
            return whole
        return self._filled(last.copy(), pixels, moving)

    def _filled(self, result: NDArray[Any], pixels: NDArray[Any], tiles: list[Tile]) -> NDArray[Any]:
        for (rows, columns), window, (top, left) in tiles:
            done = self._function(np.ascontiguousarray(pixels[window]))
            height, width = rows.stop - rows.start, columns.stop - columns.start
            result[rows, columns] = done[top : top + height, left : left + width]
        return result

    def _tiles(self, pixels: NDArray[Any]) -> list[Tile]:
        """The place of each tile, that of what it is shown, and where in that it begins."""
        height, width = pixels.shape[:2]
        assert self._radius is not None
        rows = spans(height, self._tile[0], self._radius, self._multiple)
        columns = spans(width, self._tile[1], self._radius, self._multiple)
        return [
            (
                (slice(top, bottom), slice(left, right)),
                (slice(first, last), slice(start, end)),
                (top - first, left - start),
            )
            for (top, bottom, first, last), (left, right, start, end) in product(rows, columns)
        ]


def _equal(first: NDArray[Any], second: NDArray[Any]) -> bool:
    """Whether two arrays of one shape are equal; where they are not, some of the rows mostly say so."""
    return np.array_equal(first[::SOME], second[::SOME]) and np.array_equal(first, second)


Tile = tuple[tuple[slice, slice], tuple[slice, slice], tuple[int, int]]
