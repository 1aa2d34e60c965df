"""One place for the newest of several things."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")
WAIT = 0.1
"""Seconds: Windows hears no Ctrl-C during a longer wait."""


class Slot(Generic[T]):
    """Holds the newest thing until somebody takes it; what it pushes out is counted in `drops`."""

    def __init__(self) -> None:
        self.drops = 0
        self._held: T | None = None
        self._over = False
        self._changed = threading.Condition()

    def put(self, thing: T) -> None:
        """Leave it for whoever takes next, in place of what nobody took."""
        with self._changed:
            self.drops += self._held is not None
            self._held = thing
            self._changed.notify()

    def take(self) -> T | None:
        """The newest, as soon as there is one; None once it is closed and empty."""
        with self._changed:
            while not self._changed.wait_for(lambda: self._over or self._held is not None, WAIT):
                continue
            thing, self._held = self._held, None
            return thing

    def close(self) -> None:
        """Nothing more will come."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
