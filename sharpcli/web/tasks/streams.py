"""Limits how many cameras stream at a time, and each to one frame in progress; keeps what belongs to each."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sharpcli.errors import SharpError
from sharpcli.web.words.say import say

SILENCE = 5.0
"""Seconds without a frame after which a slot is free: a browser may have closed without a message."""


class Streams:
    """At most `most` streams at a time, each with one frame in progress. Safe to use from several threads."""

    def __init__(self, most: int, silence: float = SILENCE) -> None:
        self._most, self._silence = most, silence
        self._heard: dict[str, float] = {}
        self._kept: dict[str, dict[str, Any]] = {}
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, stream: str) -> Iterator[dict[str, Any]]:
        """Hold a slot while one frame of a stream is processed; raises SharpError if none is free.

        What is put into the dictionary is there at the stream's next turn, until it leaves or falls silent.
        """
        with self._lock:
            now = time.monotonic()
            self._heard = {
                one: heard for one, heard in self._heard.items() if one in self._busy or now - heard <= self._silence
            }
            taken = self._heard.keys() | self._busy
            if stream in self._busy:
                raise SharpError(
                    say("the previous frame of this stream is still being processed; send one frame at a time")
                )
            if stream not in taken and len(taken) >= self._most:
                raise SharpError(say("all {most} camera slots are in use; try again later", most=self._most))
            self._heard[stream] = now
            self._busy.add(stream)
            self._kept = {one: kept for one, kept in self._kept.items() if one in taken}
            kept = self._kept.setdefault(stream, {})
        try:
            yield kept
        finally:
            with self._lock:
                self._busy.discard(stream)
                if stream in self._heard:
                    self._heard[stream] = time.monotonic()

    def leave(self, stream: str) -> None:
        """Free a stream's slot once its last frame is done."""
        with self._lock:
            self._heard.pop(stream, None)
            self._kept.pop(stream, None)
