"""Exact tiles: the same result as the whole image, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.pipeline.pieces import Do, at_once

Function = Callable[[NDArray[Any]], NDArray[Any]]


def tiled(
    function: Function,
    pixels: NDArray[Any],
    radius: int | None,
    multiple: int = 1,
    tile: int = 1024,
    out: NDArray[Any] | None = None,
    after_each: Callable[[], object] = lambda: None,
    do: Do = at_once,
) -> NDArray[Any]:
    """Apply `function` to H x W x C pixels in tiles of at most `tile` pixels a side; same shape and dtype.

    Each tile is given `radius` more pixels on every side, as far as the image goes, and starts and ends at a multiple
    of `multiple` or at the image's edge, so that it sees all that the whole image would have shown it. The result goes
    to `out` where that is given. `do` does each tile, and `after_each` is called after it.
    """
    height, width = pixels.shape[:2]
    if out is None:
        if radius is None or max(height, width) <= tile:
            return do(lambda: function(pixels), 1)
        out = np.empty_like(pixels)
    rows = [(0, height, 0, height)] if radius is None else spans(height, tile, radius, multiple)
    columns = [(0, width, 0, width)] if radius is None else spans(width, tile, radius, multiple)
    for top, bottom, first, last in rows:
        for left, right, start, end in columns:
            seen = np.ascontiguousarray(pixels[first:last, start:end])
            done = do(partial(function, seen), (bottom - top) * (right - left) / (height * width))
            out[top:bottom, left:right] = done[top - first : bottom - first, left - start : right - start]
            after_each()
    return out


def spans(length: int, tile: int, radius: int, multiple: int) -> list[tuple[int, int, int, int]]:
    """(from, to) of each tile along one side, all about equal, and (from, to) of what it is shown.

    All are shown as much, those at the edges too, because an engine keeps memory for each size that it meets.
    """
    count = -(-length // tile)
    step = -(-length // count)
    # Starting at a multiple may show up to multiple - 1 more pixels before a tile, which must not be missing behind it.
    window = -(-(step + 2 * radius + multiple - 1) // multiple) * multiple
    spans = []
    for index in range(count):
        begin, end = index * length // count, (index + 1) * length // count
        first = max(0, begin - radius) // multiple * multiple
        last = first + window
        if last >= length:
            first, last = max(0, -((window - length) // multiple) * multiple), length
        spans.append((begin, end, first, last))
    return spans
