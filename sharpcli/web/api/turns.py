"""Whose turn it is: one request works at a time, a bounded number waits, and whoever has left loses the place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from sharpcli.web.gate.refused import RequestRefused
from sharpcli.web.limits import WAITING

Made = TypeVar("Made")
RETRY = "10"
"""Seconds after which a client that was refused should ask again."""


class Turns:
    """The only place that decides when a request works."""

    def __init__(self, most: int = WAITING) -> None:
        self._most = most
        self._waiting = 0
        self._one = asyncio.Semaphore(1)

    async def run(self, work: Callable[[], Made], receive: Receive) -> Made:
        """What `work` makes, in a thread, when its turn comes.

        Raises RequestRefused (503) where too many wait, and ClientDisconnect where `receive` says that the client has
        left meanwhile: of work that has begun, the result is thrown away.
        """
        if self._waiting >= self._most:
            raise RequestRefused(503, "Too many requests are waiting; try again later.", {"retry-after": RETRY})
        left = asyncio.create_task(_left(receive))
        try:
            await self._wait(left)
            try:
                made = await run_in_threadpool(work)
            finally:
                self._one.release()
            if left.done():
                raise ClientDisconnect
            return made
        finally:
            left.cancel()

    async def _wait(self, left: asyncio.Task[None]) -> None:
        turn = asyncio.create_task(self._acquire())
        self._waiting += 1
        try:
            await asyncio.wait({turn, left}, return_when=asyncio.FIRST_COMPLETED)
            if left.done():
                raise ClientDisconnect
        except BaseException:
            if not turn.cancel():  # it has just come
                self._one.release()
            raise
        finally:
            self._waiting -= 1

    async def _acquire(self) -> None:
        await self._one.acquire()


async def _left(receive: Receive) -> None:
    """Returns when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        continue
