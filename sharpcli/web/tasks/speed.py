"""How long an enhancer takes for an image here: by its own runs so far, and before these by its published cost."""

from __future__ import annotations

import threading

from sharpcli.errors import SharpError
from sharpcli.pipeline.guard import weight_files
from sharpcli.plugin.cards import card_of
from sharpcli.plugin.enhancer import Enhancer

RATE = 50.0
"""Billions of multiply-adds a second on two cores, before anything has been measured here."""
UNKNOWN = 1.0
"""Seconds per megapixel of an enhancer of which nothing is known."""
HEAVY = 50.0
"""Thousand multiply-adds per pixel from which an enhancer gets the smaller tiles."""
SIDE, HEAVY_SIDE = 1024, 512
"""Pixels. The smaller the tiles, the sooner it is somebody else's turn, and the more is done twice at their edges."""
NEWEST = 0.3
"""The weight of the newest run in the mean."""
LEAST = 0.2
"""Megapixels below which a run says little: what does not depend on the image's size is most of it."""


class Speeds:
    """A running mean of the seconds per megapixel of each enhancer with its options. Safe to use from several threads.

    Of an enhancer that has not run, the cost on its card says how long it takes beside those that have.
    """

    def __init__(self) -> None:
        self._measured: dict[Enhancer, float] = {}
        self._lock = threading.Lock()

    def note(self, enhancer: Enhancer, megapixels: float, seconds: float) -> None:
        """An enhancer took so long, without waiting for turns."""
        if megapixels < LEAST:
            return
        with self._lock:
            before = self._measured.get(enhancer)
            now = seconds / megapixels
            self._measured[enhancer] = now if before is None else before + NEWEST * (now - before)

    def expected(self, enhancer: Enhancer, megapixels: float) -> float:
        """About the seconds that an enhancer takes for so many megapixels."""
        with self._lock:
            measured = dict(self._measured)
        if enhancer in measured:
            return measured[enhancer] * megapixels
        work = _work(enhancer)
        if work is None:
            return UNKNOWN * megapixels
        rates = [own / seconds for one, seconds in measured.items() if seconds and (own := _work(one))]
        return work * megapixels / (sorted(rates)[len(rates) // 2] if rates else RATE)


def _work(enhancer: Enhancer) -> float | None:
    """Billions of multiply-adds per megapixel, with what is done twice where tiles overlap."""
    cost, side = kmac_per_pixel(enhancer), tile_side(enhancer)
    return None if cost is None else cost * ((side + 2 * (enhancer.receptive_radius or 0)) / side) ** 2


def kmac_per_pixel(enhancer: Enhancer) -> float | None:
    """Thousand multiply-adds per pixel, as the enhancer or the card of its first weights says; None if neither does."""
    if (cost := enhancer.cost()) and cost.kmac_per_pixel:
        return cost.kmac_per_pixel
    try:
        files = weight_files(enhancer)
    except SharpError:
        return None
    return card_of(files[0]).kmac_per_pixel if files else None


def tile_side(enhancer: Enhancer) -> int:
    """The largest side of a tile, in pixels, that others can be let wait for; about a second's work."""
    cost = kmac_per_pixel(enhancer)
    return SIDE if cost is not None and cost < HEAVY else HEAVY_SIDE
