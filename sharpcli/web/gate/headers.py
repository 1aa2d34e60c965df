"""What a browser may do with the answers: the page may use only itself, and a visitor's file may do nothing."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

RULES = (
    "default-src 'self'",
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


def page_policy(scripts: Iterable[str] = ()) -> str:
    """The policy of a page in which only the server's scripts run, and those inline that have these SHA-256 in base64.

    Gradio compiles in the browser what an event or a piece of HTML is to do, hence 'unsafe-eval'; what it compiles
    comes from the page, never from a visitor. Its components style their elements, hence 'unsafe-inline' there.
    """
    return "; ".join((*RULES, " ".join(["script-src 'self' 'unsafe-eval'", *(f"'sha256-{one}'" for one in scripts)])))


PAGE = page_policy()
EDGE = "; ".join(
    (*(rule for rule in RULES if not rule.startswith("style-src")), "script-src 'self' 'wasm-unsafe-eval'")
)
"""The policy of the static page, which compiles nothing but WebAssembly and has no styles inline."""
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
            if is_file or "content-security-policy" not in headers:
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
