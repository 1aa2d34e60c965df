"""The runs of all visitors: each takes turns with the others, and ends as soon as it has become useless."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from sharpcli.errors import SharpError
from sharpcli.web.tasks.room import Room
from sharpcli.web.tasks.speed import Speeds
from sharpcli.web.tasks.turns import StoppedError, Turns, UselessError
from sharpcli.web.words.say import say

T = TypeVar("T")

SHARE, PROGRAMS_SHARE = 5, 12
"""Runs that one visitor may have in work or waiting, and all programs on one machine together."""
CLOSING = 10.0
"""Seconds to wait at the end for a tile in work."""
REMEMBERED = 1000
"""Visits of which it is known what they want now."""


class TooManyError(SharpError):
    """A visitor has more runs than is fair to the others."""


@dataclass(frozen=True)
class Visitor:
    """Who shares: a visit to the page, or for programs, which can open any number of those, their machine."""

    name: str
    address: str
    most: int = SHARE


def programs_at(address: str) -> Visitor:
    """All programs on one machine together: each may open as many sessions as it likes."""
    return Visitor(f"programs@{address}", address, PROGRAMS_SHARE)


class Run:
    """One piece after the other of an image, each in its turn; `kind` says for which part of the page."""

    def __init__(self, visitor: Visitor, kind: str, asked: Hashable, runs: Runs, gone: Callable[[], bool]) -> None:
        self.visitor, self.kind, self.asked = visitor, kind, asked
        self._runs, self._gone = runs, gone
        self._stopped = threading.Event()
        self._began: float | None = None
        self._until: float | None = None
        self.share = 0.0
        """Of all that is to be made, what is made (0-1)."""
        self.useless = False
        """Whether something else is wanted by now."""
        self.waiting = False
        """Whether it waits for room before its image is read."""
        self._scale = 1.0

    def stop(self, useless: bool = False) -> None:
        """End it before its next piece."""
        self.useless = useless
        self._stopped.set()

    def ended(self) -> bool:
        """Whether it was stopped, or nobody waits for it any more."""
        return self._stopped.is_set() or self._gone()

    def do(self, piece: Callable[[], T], share: float = 0) -> T:
        """Do a piece in its turn; see `pipeline.pieces.Do`. Raises StoppedError."""
        if share and self._began is None:
            self._began = time.monotonic()
        result = self._runs.turns.do(self.visitor.name, piece, self.ended)
        if share and self._began is not None:
            self.share = min(1.0, self.share + share * self._scale)
            now = time.monotonic()
            self._until = now + (now - self._began) / self.share * (1 - self.share)
        return result

    @contextmanager
    def part(self, scale: float) -> Iterator[None]:
        """What is done meanwhile is this share of all that is to be made, whether or not there was anything to do."""
        before, after = self._scale, min(1.0, self.share + scale)
        self._scale = scale
        try:
            yield
        finally:
            self._scale = before
        self.share = after

    @contextmanager
    def room(self, megapixels: float) -> Iterator[None]:
        """Wait until there is room for an image that is to be read; raises StoppedError."""
        self.waiting = True
        with self._runs.room.hold(self.visitor.address, megapixels, self.ended):
            self.waiting = False
            yield

    def left(self) -> float | None:
        """About the seconds that are left, other visitors' turns among them; None before the first tile is done."""
        return None if self._until is None else max(0.0, self._until - time.monotonic())


class Runs:
    """All runs there are, and what they share. Safe to use from several threads."""

    def __init__(self, turns: Turns | None = None, room: Room | None = None) -> None:
        self.turns, self.room, self.speeds = turns or Turns(), room or Room(), Speeds()
        self._running: list[Run] = []
        self._count: Counter[str] = Counter()
        self._wanted: OrderedDict[tuple[str, str], tuple[float, Hashable]] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def run(
        self,
        visitor: Visitor,
        kind: str = "",
        asked: Hashable = None,
        when: float | None = None,
        gone: Callable[[], bool] = lambda: False,
    ) -> Iterator[Run]:
        """A run, from now until it is left; with `when`, which is as for `want`, it is also what a visit wants.

        Raises TooManyError if the visitor has too many already, UselessError if something else is wanted by now, at
        the beginning or when it was stopped for that.
        """
        if when is not None:  # what says so by itself may still be on its way, with an older wish in force
            self.want(visitor.name, kind, asked, when)
        run = Run(visitor, kind, asked, self, gone)
        with self._lock:
            if self._count[visitor.name] >= visitor.most:
                raise TooManyError(
                    say(
                        "you already have {most} images in work here; wait until one of them is done",
                        most=visitor.most,
                    )
                )
            if kind and self._wanted.get((visitor.name, kind), (0.0, asked))[1] != asked:
                raise UselessError
            self._count[visitor.name] += 1
            self._running.append(run)
        try:
            yield run
        except StoppedError as error:
            if run.useless:
                raise UselessError from error
            raise
        finally:
            with self._lock:
                self._running.remove(run)
                self._count[visitor.name] -= 1
                self._count += Counter()  # those who have none are forgotten
                last = visitor.name not in self._count
            if last:
                self.turns.over(visitor.name)

    def want(self, visit: str, kind: str, asked: Hashable, when: float) -> None:
        """From now on a visit wants this: runs of the kind for anything else are stopped.

        `when` is the visitor's clock, because requests may come in another order than they were sent.
        """
        key = visit, kind
        with self._lock:
            if when < self._wanted.get(key, (when, None))[0]:
                return
            self._wanted[key] = when, asked
            self._wanted.move_to_end(key)
            while len(self._wanted) > REMEMBERED:
                self._wanted.popitem(last=False)
            useless = [run for run in self._of(visit, kind) if run.asked != asked]
        for run in useless:
            run.stop(useless=True)

    def stop(self, visit: str, kind: str = "") -> bool:
        """Stop a visit's runs of a kind, or all of them; whether there are any."""
        with self._lock:
            found = self._of(visit, kind)
        for run in found:
            run.stop()
        return bool(found)

    def leave(self, visit: str) -> None:
        """Stop and forget a visit that has ended."""
        self.stop(visit)
        with self._lock:
            for key in [key for key in self._wanted if key[0] == visit]:
                with suppress(KeyError):
                    del self._wanted[key]

    def close(self) -> None:
        """Stop everything, because the page ends."""
        with self._lock:
            found = list(self._running)
        for run in found:
            run.stop()
        self.turns.close(CLOSING)

    def _of(self, visit: str, kind: str) -> list[Run]:
        return [run for run in self._running if run.visitor.name == visit and kind in ("", run.kind)]
