"""Who streams at a time, and whose turn it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sharpcli.errors import SharpError

SILENCE = 5.0
"""Seconds without a frame after which a stream's place is free: its browser may have gone without a word."""


class Streams:
    """At most `most` streams at a time, each with one frame in work. Safe to use from several threads."""

    def __init__(self, most: int, silence: float = SILENCE) -> None:
        self._most, self._silence = most, silence
        self._heard: dict[str, float] = {}
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, stream: str) -> Iterator[None]:
        """The time in which one frame of a stream is in work; raises SharpError when no place is free for it."""
        with self._lock:
            now = time.monotonic()
            self._heard = {
                one: heard for one, heard in self._heard.items() if one in self._busy or now - heard <= self._silence
            }
            taken = self._heard.keys() | self._busy
            if stream in self._busy:
                raise SharpError("the last frame of this stream is still in work; send one at a time")
            if stream not in taken and len(taken) >= self._most:
                raise SharpError(f"this page serves {self._most} cameras at a time and has that many; try again later")
            self._heard[stream] = now
            self._busy.add(stream)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(stream)
                if stream in self._heard:
                    self._heard[stream] = time.monotonic()

    def leave(self, stream: str) -> None:
        """Give a stream's place back, once its last frame is done."""
        with self._lock:
            self._heard.pop(stream, None)
