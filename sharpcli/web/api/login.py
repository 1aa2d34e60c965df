"""Who may ask: with `--auth`, whoever sends that user name and password as HTTP Basic."""

from __future__ import annotations

import base64
import binascii
from hmac import compare_digest

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from sharpcli.web.gate.refused import RequestRefused

CHALLENGE = {"www-authenticate": 'Basic realm="sharpcli", charset="UTF-8"'}


class Login:
    """ASGI middleware that answers 401 before a body is read; lets everybody in where `auth` is None."""

    def __init__(self, app: ASGIApp, auth: tuple[str, str] | None) -> None:
        self._app = app
        self._due = None if auth is None else ":".join(auth).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or refuse it."""
        if scope["type"] != "http" or self.authorized(scope):
            await self._app(scope, receive, send)
            return
        refused = RequestRefused(401, "User name and password are missing or wrong.", CHALLENGE)
        await refused.answer(scope["path"])(scope, receive, send)

    def authorized(self, scope: Scope) -> bool:
        """Whether the request has the right name and password; takes as long for a wrong one, however it differs."""
        if self._due is None:
            return True
        kind, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
        try:
            sent = base64.b64decode(given.strip(), validate=True) if kind.lower() == "basic" else b""
        except (binascii.Error, ValueError):
            sent = b""
        return compare_digest(sent, self._due)
