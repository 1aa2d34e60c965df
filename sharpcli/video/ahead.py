"""Runs an iterator in a thread of its own, some items ahead of who takes them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from queue import Empty, Full, Queue
from typing import TypeVar

T = TypeVar("T")
WAIT = 0.1
"""Seconds after which a thread looks whether anybody still waits for it."""


def ahead(items: Iterator[T], most: int = 4, stop: Callable[[], None] = lambda: None) -> Generator[T, None, None]:
    """The same items in the same order, at most so many made before they are taken; failures come through.

    What is not taken to the end stops its thread; `stop` ends what the items may be waiting for.
    """
    queue: Queue[tuple[T | None, BaseException | None, bool]] = Queue(most)
    over = threading.Event()

    def put(entry: tuple[T | None, BaseException | None, bool]) -> bool:
        while not over.is_set():
            try:
                queue.put(entry, timeout=WAIT)
            except Full:
                continue
            return True
        return False

    # What they are made from may be closed once this has ended.
    close = getattr(items, "close", lambda: None)

    def work() -> None:
        try:
            for item in items:
                if not put((item, None, False)):
                    return
            put((None, None, True))
        except BaseException as error:  # it is raised again where the items are taken
            put((None, error, True))
        finally:
            close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            try:
                item, error, last = queue.get(timeout=WAIT)
            except Empty:
                continue
            if error is not None:
                raise error
            if last:
                return
            yield item  # type: ignore[misc]
    finally:
        over.set()
        stop()
        thread.join()
