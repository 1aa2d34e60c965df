"""The gate before the page: who may ask, for what, with what, and what a browser may do with the answer."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from sharpcli.web.gate import bodies
from sharpcli.web.gate.headers import guarded
from sharpcli.web.gate.origins import check_host, check_origin, is_local
from sharpcli.web.gate.refused import PROGRAMS, RequestRefused
from sharpcli.web.gate.routes import FILE_ROUTE, UPLOADS, check_route

if TYPE_CHECKING:
    from sharpcli.web.visitors.files import Visits


class Gate:
    """ASGI middleware; `local` when only this machine is served, `upload` in bytes."""

    def __init__(self, app: ASGIApp, local: bool, upload: int, visits: Visits) -> None:
        self._app = app
        self._local = local
        self._upload = upload
        self._visits = visits

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
        send = guarded(send, path.startswith(FILE_ROUTE))
        try:
            receive = await self._let_in(scope, path, receive)
        except RequestRefused as refused:
            await refused.answer(path)(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await self._app(scope, receive, send)

    async def _let_in(self, scope: Scope, path: str, receive: Receive) -> Receive:
        """The rest of a request that may be handed on; raises Refused."""
        headers = Headers(scope=scope)
        if self._local:
            check_host(headers)
        check_origin(scope, headers)
        check_route(scope, path)
        bodies.check_names(parse_qsl(scope["query_string"].decode("latin-1")))
        if path.startswith(FILE_ROUTE):
            # Gradio answers a range with the request's own headers.
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"range"]
        if scope["method"] != "POST":
            return receive
        if path in UPLOADS:
            if shutil.disk_usage(self._visits.root).free < self._upload:
                raise RequestRefused(507, "Not enough disk space for more uploads; try again later.")
            return bodies.upload(receive, self._upload)
        if PROGRAMS.fullmatch(path):  # and nothing there reads a body
            return receive
        body, receive = await bodies.plain(receive)
        if not path.startswith("/login"):
            bodies.check_files(body, self._visits)
        return receive


def gate(host: str, upload: int, visits: Visits) -> list[Middleware]:
    """The gate as launch takes it among its app_kwargs; any `host` but this machine's own opens it to all names."""
    return [Middleware(Gate, local=is_local(host), upload=upload, visits=visits)]
