"""The gate before the page: who may ask, for what, with what, and what a browser may do with the answer."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sharpcli.web.gate import bodies
from sharpcli.web.gate.crowd import Crowd
from sharpcli.web.gate.headers import guarded
from sharpcli.web.gate.log import tell_error
from sharpcli.web.gate.login import Login, user_of
from sharpcli.web.gate.origins import Names, check_origin, is_local
from sharpcli.web.gate.refused import PROGRAMS, RequestRefused
from sharpcli.web.gate.rendered import PATHS, Rendered
from sharpcli.web.gate.routes import FILE_ROUTE, HEARTBEAT, UPLOADS, check_route, is_public, most_bytes
from sharpcli.web.visitors.addresses import address_of
from sharpcli.web.visitors.quota import Allowance, uploading

if TYPE_CHECKING:
    from sharpcli.web.service import Service
    from sharpcli.web.visitors.files import Visits

LARGE = 64_000
"""Bytes from which JSON is read in a thread, while others are answered."""


class Gate:
    """ASGI middleware; `upload` in bytes."""

    def __init__(self, app: ASGIApp, names: Names, login: Login, upload: int, visits: Visits) -> None:
        self._app = app
        self._names = names
        self._login = login
        self._upload = upload
        self._visits = visits
        self._allowance = Allowance.of(upload)
        self._crowd = Crowd()
        self._rendered = Rendered(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or hand it on."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":  # Gradio has none
                await send({"type": "websocket.close"})
            else:
                await self._app(scope, receive, send)
            return
        # With the prefix or without it, as the proxy before the page sends it.
        path = scope["path"] = scope["path"].removeprefix(scope.get("root_path", ""))
        started = False
        guard = guarded(send, path.startswith(FILE_ROUTE))

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await guard(message)

        try:
            with self._crowd.one_more(address_of(scope)):
                await self._answer(scope, path, receive, noted)
        except RequestRefused as refused:
            await refused.answer(path)(scope, receive, noted)
        except ClientDisconnect:
            return
        except Exception as error:  # once for each place in the program: whoever finds a way to cause it can repeat it
            tell_error(error)
            if started:
                raise ConnectionAbortedError("an answer failed half-way") from None
            await RequestRefused(500, "Internal error; see the server's output.").answer(path)(scope, receive, noted)

    async def _answer(self, scope: Scope, path: str, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        self._names.check(headers)
        check_origin(scope, headers)
        check_route(scope, path)
        if not is_public(path):
            self._login.require(scope, path)
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        bodies.check_names(query)
        if path.startswith(FILE_ROUTE):
            # Gradio answers a range with the request's own headers.
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"range"]
        if scope["method"] == "POST":
            await self._take(scope, path, receive, send)
        elif scope["method"] == "GET" and path in PATHS:
            await (await self._rendered.answer(scope, path, user_of(scope)))(scope, receive, send)
        elif path.startswith(HEARTBEAT):
            await self._stay(scope, path.removeprefix(HEARTBEAT), receive, send)
        else:
            await self._app(scope, receive, send)

    async def _take(self, scope: Scope, path: str, receive: Receive, send: Send) -> None:
        """A request with a body."""
        if path in UPLOADS:
            if shutil.disk_usage(self._visits.root).free < self._upload:
                raise RequestRefused(507, "Not enough disk space for more uploads; try again later.")
            with uploading(self._visits.quota, address_of(scope), self._allowance) as upload:
                await self._app(scope, bodies.upload(receive, self._upload), upload.noting(send))
            return
        if PROGRAMS.fullmatch(path):  # and nothing there reads a body
            await self._app(scope, receive, send)
            return
        body, receive = await bodies.plain(receive, most_bytes(path))
        if path.startswith("/login"):
            if not await self._right(scope, body):
                await JSONResponse({"detail": "Incorrect credentials."}, 400)(scope, receive, send)
                return
        elif len(body) > LARGE:
            await to_thread.run_sync(partial(bodies.check_files, body, self._visits))
        else:
            bodies.check_files(body, self._visits)
        await self._app(scope, receive, send)

    async def _right(self, scope: Scope, body: bytes) -> bool:
        """Whether a login is right, where one is needed at all; Gradio then only gives out the cookie."""
        if not self._login.needed:
            return True

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        try:
            form = await Request(scope, receive).form(max_files=0, max_fields=10)
        except Exception as error:
            if isinstance(error, MultiPartException) or hasattr(error, "status_code"):
                raise RequestRefused(400, "The request is not a login.") from error
            raise
        user, password = (str(form.get(name) or "") for name in ("username", "password"))
        return self._login.check(address_of(scope), user.strip(), password)

    async def _stay(self, scope: Scope, session: str, receive: Receive, send: Send) -> None:
        """A visitor is there for as long as his page keeps this request open."""
        self._visits.arrive(session)
        try:
            await self._app(scope, receive, send)
        finally:
            await to_thread.run_sync(self._visits.depart, session)


def gate_of(service: Service, visits: Visits) -> list[Middleware]:
    """The gate of what serves these visits."""
    settings: dict[str, Any] = {
        "names": Names(is_local(service.host), service.names),
        "login": Login(service.auth),
        "upload": service.limits.upload,
    }
    return [Middleware(Gate, visits=visits, **settings)]
