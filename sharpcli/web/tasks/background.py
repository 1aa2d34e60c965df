"""Work in a thread of its own, which is stopped when nobody follows it any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, wait
from contextvars import copy_context
from dataclasses import dataclass
from typing import TypeVar

from sharpcli.web.tasks.runs import Run
from sharpcli.web.views.run import status

T = TypeVar("T")

EVERY = 0.5
"""Seconds between two looks at the work."""


@dataclass(frozen=True)
class Progress:
    """What is said of a run that goes on, and how much of it is done (0-1; None is not known)."""

    text: str
    share: float | None = None


def followed(run: Run, work: Callable[[], T], first: str) -> Generator[Progress | T]:
    """Do the work of a run, yielding now and then how far it is, and at last what it returns; raises what it raises.

    `first` is said until it is known how long it will take. Closing this early, as happens when the visitor leaves,
    stops the run.
    """
    future: Future[T] = Future()
    # Not a thread of a pool, for which the server would wait when it is ended. The context knows the visitor's
    # language.
    threading.Thread(target=copy_context().run, args=(_do, future, work), daemon=True).start()
    try:
        while not wait([future], EVERY).done:
            yield Progress(status(run, first), run.share or None)
    finally:
        if not future.done():
            run.stop()
    yield future.result()


def _do(future: Future[T], work: Callable[[], T]) -> None:
    try:
        result = work()
    except BaseException as error:  # raised where the result is awaited
        future.set_exception(error)
    else:
        future.set_result(result)
