"""Bands of rows in which an image is measured: few enough pixels for a processor's cache, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator

PIXELS_PER_BAND = 1 << 16
"""Pixels in a band, about."""


def row_bands(height: int, width: int, radius: int) -> Iterator[slice]:
    """Bands that overlap by twice the radius, so that each window of that radius lies in exactly one of them.

    The height is at least that of one window.
    """
    rows = max(1, 2 * radius, PIXELS_PER_BAND // width)
    for top in range(0, height - 2 * radius, rows):
        yield slice(top, min(top + rows + 2 * radius, height))
