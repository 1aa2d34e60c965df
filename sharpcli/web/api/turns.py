"""A request's work in its turns among those of all visitors, for as long as its client waits for the answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from sharpcli.web.gate.refused import RequestRefused
from sharpcli.web.tasks.runs import Run, Runs, TooManyError, programs_at
from sharpcli.web.tasks.turns import StoppedError
from sharpcli.web.visitors.addresses import address_of

Made = TypeVar("Made")
RETRY = "10"
"""Seconds after which a client that was refused should ask again."""


async def in_turns(runs: Runs, request: Request, work: Callable[[Run], Made]) -> Made:
    """What `work` makes in a thread; each of its pieces waits for its turn.

    Raises RequestRefused (429) where its address has too much in work, and ClientDisconnect where the client has left,
    which ends the work after the piece in hand.
    """
    visitor = programs_at(address_of(request.scope))
    gone = threading.Event()

    def run() -> Made:
        with runs.run(visitor, gone=gone.is_set) as mine:
            return work(mine)

    leaving = asyncio.create_task(_left(request.receive, gone))
    try:
        return await run_in_threadpool(run)
    except TooManyError as error:
        raise RequestRefused(429, f"{str(error)[:1].upper()}{str(error)[1:]}.", {"retry-after": RETRY}) from error
    except StoppedError as error:
        raise ClientDisconnect from error
    finally:
        leaving.cancel()


async def _left(receive: Receive, gone: threading.Event) -> None:
    """Notes when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        continue
    gone.set()
