"""Turns at the processor: one piece of work at a time, from the visitor who has had the least of it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from sharpcli.errors import SharpError

T = TypeVar("T")

GRACE = 0.05
"""Seconds for which the turn is kept for a visitor who is still owed some, while his next piece is prepared."""
LOOK = 0.2
"""Seconds between two looks at whether the work that a piece belongs to has been ended meanwhile."""


class StoppedError(SharpError):
    """The work that a piece belongs to has been ended."""

    def __init__(self) -> None:
        super().__init__("stopped")


class UselessError(StoppedError):
    """It was ended because the visitor wants something else by now, for which a run follows."""


class Turns:
    """Does pieces of work one after the other, in one thread of its own. Safe to use from several threads.

    Who is next is decided by start-time fair queueing (Goyal, Vin and Cheng, 1996) with a visitor as a flow: whoever
    has had the least seconds is next, and whoever comes anew has had as many as the one who is being served. So
    visitors share the time and not the pieces, however many pieces one of them has waiting and however long they are.
    One thread, because each thread that runs a network keeps memory for its intermediate results.
    """

    def __init__(self, grace: float = GRACE, clock: Callable[[], float] = time.perf_counter) -> None:
        self._grace, self._clock = grace, clock
        self._waiting: dict[str, deque[tuple[Future[Any], Callable[[], Any]]]] = {}
        self._had: dict[str, float] = {}
        self._served = 0.0
        self._owed: dict[str, float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def do(self, visitor: str, piece: Callable[[], T], ended: Callable[[], bool] = lambda: False) -> T:
        """What a piece returns, once it was its visitor's turn; raises what it raises.

        Raises StoppedError as soon as `ended` says so; a piece that has begun is finished all the same.
        """
        if ended():
            raise StoppedError
        future: Future[T] = Future()
        with self._changed:
            if visitor not in self._waiting:
                self._had[visitor] = max(self._had.get(visitor, 0.0), self._served)
            self._waiting.setdefault(visitor, deque()).append((future, piece))
            self._owed.pop(visitor, None)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
            self._changed.notify_all()
        while not wait([future], LOOK).done:
            if ended():
                future.cancel()
                raise StoppedError
        return future.result()

    def over(self, visitor: str) -> None:
        """No more pieces of a visitor come for now, so that nobody need wait for them."""
        with self._changed:
            self._owed.pop(visitor, None)
            self._changed.notify_all()

    def close(self, seconds: float) -> None:
        """Do no more pieces; wait so long for the one in work, for an engine that is left in the middle aborts."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self) -> None:
        while True:
            found = self._next()
            if found is None:
                return
            visitor, future, piece = found
            if future.set_running_or_notify_cancel():
                began = self._clock()
                result, error = _outcome(piece)
                with self._changed:
                    self._had[visitor] += self._clock() - began
                    self._owed[visitor] = time.monotonic() + self._grace
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(error)
                del result, error
            del future, piece, found  # what they hold is large, and the next piece may be long in coming

    def _next(self) -> tuple[str, Future[Any], Callable[[], Any]] | None:
        """Whose piece is next, once there is one; None when there is to be none."""
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                self._owed = {one: until for one, until in self._owed.items() if until > now}
                if not self._waiting:
                    if not self._owed:  # whoever comes is as good as any other
                        self._served = max(self._had.values(), default=self._served)
                        self._had.clear()
                    self._changed.wait(max(self._owed.values()) - now if self._owed else None)
                    continue
                visitor = min(self._waiting, key=self._had.__getitem__)
                had = self._had[visitor]
                sooner = [until for one, until in self._owed.items() if self._had.get(one, had) < had]
                if sooner:
                    self._changed.wait(max(sooner) - now)
                    continue
                self._served = self._had[visitor]
                known = {visitor, *self._waiting, *self._owed}
                self._had = {one: had for one, had in self._had.items() if had > self._served or one in known}
                pieces = self._waiting[visitor]
                future, piece = pieces.popleft()
                if not pieces:
                    del self._waiting[visitor]
                return visitor, future, piece
        return None


def _outcome(piece: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    """What a piece returns, or else what it raises, which is then raised where the result is awaited."""
    try:
        return piece(), None
    except BaseException as error:
        return None, error
