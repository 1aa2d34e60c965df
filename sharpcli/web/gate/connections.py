"""How many connections the server holds, and how long each may keep it waiting (CWE-400, "slow loris")."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sharpcli.web.gate.log import spare_logs, tell
from sharpcli.web.visitors.addresses import is_loopback

REQUEST, IDLE = 15.0, 10
"""Seconds in which the head of a request must have come, and that a connection is kept between two requests."""
BODY, SLOWEST = 20.0, 1000
"""Of a body at least so many bytes a second must come, looked at every so many seconds."""
READING = 60.0
"""Seconds for which a client may take nothing of an answer."""
MOST, FEWEST, SPARE = 1000, 16, 256
"""Most connections; how many there are in any case; and files that are kept free for all else."""
SHARE = 4
"""One address gets at most one connection in so many; a proxy on this machine may have all."""
BACKLOG = 64
"""Connections that are accepted at a time: asyncio accepts them all before the first can be turned away."""
FULL = b"Too many visitors at the moment; try again in a minute."
REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
    b"Retry-After: 60\r\nContent-Length: %d\r\n\r\n%s" % (len(FULL), FULL)
)


def protect(config: uvicorn.Config) -> uvicorn.Config:
    """The configuration of a server that is not loaded yet, with these limits; also raises the limit of open files."""
    spare_logs()
    most = most_connections()

    class Limited(Connection):
        limit = most

    config.http = Limited
    config.backlog = BACKLOG
    config.timeout_keep_alive = IDLE
    return config


def most_connections() -> int:
    """How many connections the limit of open files allows, each with a file beside it."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return MOST
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST + SPARE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(FEWEST, min(MOST, (soft - SPARE) // 2)) if soft != resource.RLIM_INFINITY else MOST


class Connection(H11Protocol):
    """A connection that is closed when it keeps the server waiting, and when others need its place."""

    limit = MOST

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stage = ""
        self._since = self.loop.time()
        self._got = 0
        self._timer: asyncio.TimerHandle | None = None
        self._reader: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, if need be of a connection that is only waiting; else say that all are taken."""
        super().connection_made(transport)
        if self._is_full() and not self._make_room():
            tell("connections", f"warning: connection from {self.address} refused, {len(self.connections)} are open")
            transport.write(REFUSAL)
            transport.close()
            return
        self._enter("head", REQUEST)

    def data_received(self, data: bytes) -> None:
        """Hand on what came, and see what is still to come."""
        if self.transport.is_closing():
            return
        self._got += len(data)
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Between two requests uvicorn's own timer runs."""
        super().on_response_complete()
        self._leave()
        if self.conn.their_state is not h11.IDLE:  # more of a refused request, or the next one, is coming
            self._look()

    def pause_writing(self) -> None:
        """The client takes nothing of the answer, which it may do for a while."""
        super().pause_writing()
        self._reader = self._reader or self.loop.call_later(READING, self.transport.abort)

    def resume_writing(self) -> None:
        """It has taken something."""
        super().resume_writing()
        if self._reader:
            self._reader.cancel()
            self._reader = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers."""
        super().connection_lost(exc)
        self._leave()
        if self._reader:
            self._reader.cancel()

    @property
    def address(self) -> str:
        """The other end's, of a proxy the proxy's."""
        return self.client[0] if self.client else "unknown"

    @property
    def is_busy(self) -> bool:
        """Whether it has a request that is not yet answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _look(self) -> None:
        if not self.is_busy:
            if self._stage != "head":
                self._enter("head", REQUEST)
        elif self.conn.their_state is h11.SEND_BODY:
            if self._stage != "body":
                self._enter("body", BODY)
        else:
            self._leave()

    def _enter(self, stage: str, seconds: float) -> None:
        self._leave()
        self._stage, self._since, self._got = stage, self.loop.time(), 0
        self._timer = self.loop.call_later(seconds, self._late)

    def _leave(self) -> None:
        self._stage, self._since = "", self.loop.time()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        if self._stage == "body" and (self.flow.read_paused or self._got >= SLOWEST * BODY):
            self._enter("body", BODY)
        else:
            self.transport.abort()

    def _is_full(self) -> bool:
        return len(self.connections) > self.limit or self._is_crowd()

    def _is_crowd(self) -> bool:
        """Whether too many are this client's."""
        if len(self.connections) <= self.limit // SHARE or is_loopback(self.address):
            return False
        return sum(one.address == self.address for one in self._others()) >= self.limit // SHARE

    def _make_room(self) -> bool:
        own = self._is_crowd()
        waiting = [one for one in self._others() if not one.is_busy and (not own or one.address == self.address)]
        if not waiting:
            return False
        oldest = min(waiting, key=lambda one: one._since)
        self.connections.discard(oldest)  # at once, for it is closed a little later
        oldest.transport.abort()
        return True

    def _others(self) -> list[Connection]:
        return [one for one in self.connections if isinstance(one, Connection) and one is not self]
