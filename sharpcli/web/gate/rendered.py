"""The page as it is served: made once for each address and language, and only its own scripts run in it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Scope

from sharpcli.web.gate.headers import page_policy
from sharpcli.web.words.languages import negotiated

PATHS = {"/", "", "/config", "/config/"}
"""What Gradio makes anew for each visitor, though it is the same for all in one language: 35 ms of processor each."""
VARIES = ("host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server")
"""Headers from which Gradio takes the page's own address, which it writes into the page."""
KEPT = 16
SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class _Page:
    body: bytes
    headers: dict[str, str]

    def answer(self, scope: Scope) -> Response:
        known = Headers(scope=scope).get("if-none-match", "")
        if self.headers["etag"] in (tag.strip().removeprefix("W/") for tag in known.split(",")):
            return Response(status_code=304, headers={k: v for k, v in self.headers.items() if k != "content-type"})
        return Response(self.body, headers=self.headers)


class Rendered:
    """Keeps the last pages that were made."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._found: OrderedDict[Any, _Page] = OrderedDict()

    async def answer(self, scope: Scope, path: str, user: str | None) -> Response:
        """The page for a user, in the language of the request, of which all else makes no difference to it."""
        headers = Headers(scope=scope)
        language = negotiated(headers.get("accept-language", ""))
        key = (path, user, language, scope.get("root_path"), scope["scheme"], *map(headers.get, VARIES))
        found = self._found.pop(key, None)
        if found is None:
            status, sent, body = await self._made(scope)
            if status != 200:
                return Response(body, status, {"content-type": sent.get("content-type", "text/plain")})
            found = _page(sent.get("content-type", "text/html"), language, body)
        self._found[key] = found
        if len(self._found) > KEPT:
            self._found.popitem(last=False)
        return found.answer(scope)

    async def _made(self, scope: Scope) -> tuple[int, Headers, bytes]:
        status, headers, body = 500, Headers(), bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], Headers(raw=message["headers"])
            else:
                body.extend(message.get("body", b""))

        # Nothing of a query is for the server, and some of it would make it fail.
        await self._app({**scope, "method": "GET", "query_string": b""}, receive, send)
        return status, headers, bytes(body)


def _page(kind: str, language: str, body: bytes) -> _Page:
    scripts = [base64.b64encode(hashlib.sha256(one).digest()).decode() for one in SCRIPT.findall(body)]
    headers = {
        "content-type": kind,
        "content-language": language,
        "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "cache-control": "private, no-cache",
        "vary": "Cookie, Accept-Language",
        "content-security-policy": page_policy(scripts),
    }
    return _Page(body, headers)
