"""Bytes that come from front to back, from a pipe or a file, and can be left in the middle."""

from __future__ import annotations

import os
import select
import threading
from typing import Any

CHUNK = 1 << 20
WAIT = 0.1
"""Seconds after which a reader that gets nothing looks whether anybody still waits for it."""


class Feed:
    """A stream of bytes that is read once, from front to back; what `head` has shown is read again by `read`."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self._head = b""
        self._stopped = threading.Event()
        try:
            self._descriptor: int | None = file.fileno()
        except (OSError, ValueError, AttributeError):  # a stream of Python's own, as tests have
            self._descriptor = None

    def head(self, size: int) -> bytes:
        """The first bytes; fewer where there are no more."""
        while len(self._head) < size and (more := self._more(size - len(self._head))):
            self._head += more
        return self._head[:size]

    def read(self, size: int = CHUNK) -> bytes:
        """As much as is there, at most `size` bytes; none at the end, or once it was stopped."""
        if self._head:
            given, self._head = self._head[:size], self._head[size:]
            return given
        return self._more(size)

    def stop(self) -> None:
        """End it here for whoever reads it in another thread, even while the producer sends nothing."""
        self._stopped.set()

    def _more(self, size: int) -> bytes:
        if self._descriptor is None:
            return b"" if self._stopped.is_set() else bytes(self.file.read(size))
        while not self._stopped.is_set():
            if _readable(self._descriptor):
                return os.read(self._descriptor, size)
        return b""


def _readable(descriptor: int) -> bool:
    if os.name == "nt":  # where only sockets can be waited for
        return True
    return bool(select.select([descriptor], [], [], WAIT)[0])
