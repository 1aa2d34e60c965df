"""All visitors' batches: one runs at a time, the others wait in line, and each is found again by its token."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
from contextvars import copy_context

from sharpcli.errors import SharpError
from sharpcli.web.tasks.batch import GRACE, Order, RunningBatch
from sharpcli.web.words.say import say

GRACE_VARIABLE = "SHARPCLI_BATCH_GRACE"
"""Environment variable with another number of seconds than GRACE."""
EVERY = 0.5
"""Seconds between two looks of a waiting batch at whether somebody still waits for it."""
MOST = 20
"""Batches that run or wait; any further ones are refused."""


class Batches:
    """The batches of a page. Safe to use from several threads."""

    def __init__(self, grace: float | None = None) -> None:
        self._grace = float(os.environ.get(GRACE_VARIABLE, GRACE)) if grace is None else grace
        self._known: dict[str, RunningBatch] = {}
        self._line: list[RunningBatch] = []
        self._changed = threading.Condition()

    def start(self, order: Order) -> str:
        """Begin a batch, or put it in line; the token by which only its visitor finds it. Raises SharpError."""
        batch, token = RunningBatch(order, self._grace), secrets.token_urlsafe(24)
        with self._changed:
            self._known = {key: one for key, one in self._known.items() if one.doing or one.order.folder.exists()}
            if len(self._line) >= MOST:
                raise SharpError(say("too many batches are waiting; try again later"))
            self._known[token] = batch
            self._line.append(batch)
        # Not a thread of a pool, for which the server would wait when it is ended. The context knows the visitor's
        # language.
        threading.Thread(
            target=copy_context().run, args=(self._work, batch), name=f"batch-{id(batch)}", daemon=True
        ).start()
        return token

    def find(self, token: str | None) -> RunningBatch | None:
        """The batch of a token, whose visitor is there by that; None when it is deleted."""
        batch = self._known.get(token or "")
        if batch is None or not (batch.doing or batch.problem or batch.order.folder.exists()):
            return None
        batch.hear()
        return batch

    def ahead(self, batch: RunningBatch) -> int:
        """How many batches run or wait before this one."""
        with self._changed:
            return self._line.index(batch) if batch in self._line else 0

    def drop(self, token: str | None) -> None:
        """End a batch for good and delete its files."""
        batch = self._known.pop(token or "", None)
        if batch is not None:
            batch.abandon()
            if not batch.doing:
                shutil.rmtree(batch.order.folder, ignore_errors=True)

    def _work(self, batch: RunningBatch) -> None:
        try:
            with self._changed:
                while self._line[0] is not batch and not batch.ending:
                    self._changed.wait(EVERY)
            batch.run()
        finally:
            with self._changed:
                self._line.remove(batch)
                self._changed.notify_all()
