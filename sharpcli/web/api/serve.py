"""Serves programs alone, without the page, until Ctrl-C."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.middleware import Middleware

from sharpcli.errors import SharpError
from sharpcli.web.api.app import Rooted, programs
from sharpcli.web.gate.connections import protect
from sharpcli.web.gate.gate import gate_of
from sharpcli.web.gate.origins import bracketed
from sharpcli.web.listening import check_listening, free_port, until_ended
from sharpcli.web.service import Service
from sharpcli.web.visitors.files import Visits, visits

GRACE = 5
"""Seconds that answers in hand have when the server is ended."""


def alone(service: Service, found: Visits, **settings: Any) -> FastAPI:
    """The application behind the gate, without the page; `settings` are FastAPI's."""
    rooted = Middleware(Rooted, root_path=service.root_path)
    return programs(service, found, [rooted, *gate_of(service, found)], **settings)


def serve(service: Service, started: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM, then delete all files; calls `started` with the server's address.

    Raises SharpError when the port is taken.
    """
    port = service.port or free_port(service.host)
    check_listening(service.host, port)
    with visits() as found:
        app = alone(service, found)
        settings = uvicorn.Config(
            app, service.host.strip("[]"), port, log_level="warning", timeout_graceful_shutdown=GRACE
        )
        server = uvicorn.Server(protect(settings))
        running = threading.Thread(target=server.run, daemon=True)
        running.start()
        while not server.started:
            running.join(0.01)
            if not running.is_alive():  # somebody was quicker
                check_listening(service.host, port)
                raise SharpError(f"cannot listen on port {port} of {service.host}; choose another --port")
        started(f"http://{bracketed(service.host)}:{port}/")
        try:
            until_ended()
        finally:
            server.should_exit = True
            running.join()
