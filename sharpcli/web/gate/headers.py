"""What a browser may do with the answers: the page may use only itself, and a visitor's file may do nothing."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

PAGE = "; ".join(
    (
        "default-src 'self'",
        # Gradio writes its settings into the page, and compiles there what an event or a piece of HTML is to do.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
SHOWN = {"image/png", "image/jpeg", "image/webp", "image/gif"}
"""Kinds of files that a browser shows; it saves all others, so that none runs as a page."""
FILE_HEADERS = {"content-type", "content-length", "content-disposition", "last-modified", "etag", "location"}


def guarded(send: Send, is_file: bool) -> Send:
    """Adds to each answer what a browser must not do with it."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if is_file:
                _only_a_file(headers)
            headers["content-security-policy"] = FILE_POLICY if is_file else PAGE
            headers["x-content-type-options"] = "nosniff"
            headers["referrer-policy"] = "same-origin"
        await send(message)

    return sent


def _only_a_file(headers: MutableHeaders) -> None:
    for name in set(headers) - FILE_HEADERS:
        del headers[name]
    headers["cache-control"] = "private"
    disposition = headers.get("content-disposition", "")
    if headers.get("content-type", "").partition(";")[0] not in SHOWN:
        headers["content-disposition"] = "attachment" + disposition[len(disposition.partition(";")[0]) :]
