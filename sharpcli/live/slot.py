"""A place for one item, the newest: what was not taken before the next one came is dropped."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Slot(Generic[T]):
    """Hands items from one thread to another, never more than one behind. Nothing queues.

    `put` and `dropped` count what came and what nobody took.
    """

    def __init__(self) -> None:
        self.came = self.dropped = 0
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self._trouble: BaseException | None = None

    def put(self, item: T) -> None:
        """Lay down the newest item, in place of one that still lies there; after `close` nothing is taken any more."""
        with self._changed:
            self.came += 1
            if self._item is not None or self._closed:
                self.dropped += 1
            if not self._closed:
                self._item = item
                self._changed.notify()

    def take(self, timeout: float | None = None) -> T | None:
        """The newest item, waited for up to `timeout` seconds; None where none came, or no more will come.

        Raises what the other side was closed with, once the last item was taken.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout)
            item, self._item = self._item, None
            if item is None and self._trouble is not None:
                raise self._trouble
            return item

    def close(self, trouble: BaseException | None = None) -> None:
        """Say that no more will come, because of `trouble` where there was any."""
        with self._changed:
            self._closed, self._trouble = True, self._trouble or trouble
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether no more will come; a last item may still lie there."""
        return self._closed
