"""Sends the page in the visitor's language."""

from __future__ import annotations

import json
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sharpcli.web.words.languages import negotiated
from sharpcli.web.words.say import filled_in

PAGE = {"", "/", "/config", "/config/"}
"""Where Gradio answers with all that was built."""
LANGUAGE = re.compile(rb'(<html\s+lang=")[^"]*(".*?<head>)', re.DOTALL)


class InLanguage:
    """ASGI middleware that fills in the page's sentences by the request's Accept-Language."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request, and hold back the answer until it is whole if that is the page."""
        if scope["type"] != "http" or scope["path"].removeprefix(scope.get("root_path", "")) not in PAGE:
            await self._app(scope, receive, send)
            return
        language = negotiated(Headers(scope=scope).get("accept-language", ""))
        head: Message = {}
        body = b""

        async def sent(message: Message) -> None:
            nonlocal head, body
            if message["type"] == "http.response.start":
                head = message
                return
            body += message.get("body", b"")
            if message.get("more_body", False):
                return
            body = _named(filled_in(body, language), language)
            headers = MutableHeaders(scope=head)
            if "content-length" in headers and scope["method"] != "HEAD":
                headers["content-length"] = str(len(body))
            headers["content-language"] = language
            headers.add_vary_header("accept-language")
            await send(head)
            await send({**message, "body": body})

        await self._app(scope, receive, sent)


def _named(content: bytes, language: str) -> bytes:
    """The page with the language in its head, also as the browser's: Gradio's own words are chosen by that."""
    told = f"<script>Object.defineProperty(navigator, 'language', {{ value: {json.dumps(language)} }});</script>"
    return LANGUAGE.sub(rb"\g<1>%b\g<2>%b" % (language.encode(), told.encode()), content, count=1)
