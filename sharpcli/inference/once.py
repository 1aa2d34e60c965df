"""What is loaded once per process, also where several threads ask for it at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def once(maxsize: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Like `lru_cache`, which calls a function twice where a second thread asks before the first has an answer."""

    def decorate(load: Callable[P, T]) -> Callable[P, T]:
        cached, lock = lru_cache(maxsize)(load), threading.Lock()

        @wraps(load)
        def loaded(*args: P.args, **kwargs: P.kwargs) -> T:
            with lock:
                return cached(*args, **kwargs)  # type: ignore[arg-type]  # hashable, as for lru_cache

        for name in ("cache_clear", "cache_info"):
            setattr(loaded, name, getattr(cached, name))
        return loaded

    return decorate
