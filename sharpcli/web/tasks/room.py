"""How many megapixels the images of all visitors may have together while they are worked on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sharpcli.web.tasks.turns import LOOK, StoppedError

MEGAPIXELS = 100.0
SMALL = 2.0
"""Megapixels up to which an image need not wait: as many as may be in work at once hardly count."""


class Room:
    """Lets images in, in the order in which they come, while there is room for them. Safe to use from several threads.

    One address has half of the room at most, unless it has nothing else in there, so that nobody can take all of it.
    """

    def __init__(self, megapixels: float = MEGAPIXELS) -> None:
        self._all = megapixels
        self._held: list[tuple[str, float]] = []
        self._waiting: list[tuple[str, float]] = []
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, address: str, megapixels: float, ended: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Wait until there is room for an image, which is not yet read; raises StoppedError once `ended` says so."""
        if megapixels <= SMALL:
            yield
            return
        mine = (address, megapixels)
        with self._changed:
            self._waiting.append(mine)
            try:
                while not self._may(mine):
                    self._changed.wait(LOOK)
                    if ended():
                        raise StoppedError
                self._held.append(mine)
            finally:
                _remove(self._waiting, mine)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                _remove(self._held, mine)
                self._changed.notify_all()

    def _may(self, mine: tuple[str, float]) -> bool:
        """Whether an image is the first of those that wait for nothing but room, and has it."""
        for one in self._waiting:
            address, size = one
            own = sum(held for other, held in self._held if other == address)
            if own and own + size > self._all / 2:
                continue
            everything = sum(held for _, held in self._held)
            return one is mine and (not everything or everything + size <= self._all)
        return False


def _remove(images: list[tuple[str, float]], one: tuple[str, float]) -> None:
    """Take out this very image, and not another one of the same size."""
    del images[next(index for index, other in enumerate(images) if other is one)]
