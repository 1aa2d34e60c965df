"""What a request may bring: so many bytes, and no address that Gradio would go and fetch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from sharpcli.web.gate.refused import RequestRefused
from sharpcli.web.gate.routes import ID, is_address

if TYPE_CHECKING:
    from sharpcli.web.visitors.files import Visits

VALUES, DEPTH = 50_000, 32
"""Values in the JSON of a request, of which each uploaded file has eight, and how deep they may lie in one another."""
NAMES = ("session_hash", "event_id", "upload_id")


class UploadTooLarge(MultiPartException):
    """More bytes than an upload may have."""


def upload(receive: Receive, most: int) -> Receive:
    """Counts what arrives of an upload; Gradio deletes what it has of one that is too large or broken off."""
    got, whole = 0, False

    async def counted() -> Message:
        nonlocal got, whole
        message = await receive()
        if message["type"] == "http.disconnect" and not whole:
            raise MultiPartException("The upload was interrupted.")
        got += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if got > most:
            await _let_pass(message, receive, most)
            # Gradio makes a 413 of a sentence with these three words, and a 400 of any other.
            raise UploadTooLarge(f"This upload is larger than {_size(most)}, the maximum allowed size.")
        return message

    return counted


async def plain(receive: Receive, most: int) -> tuple[bytes, Receive]:
    """A body of at most so many bytes, and how to read it once more; raises Refused."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            await _let_pass(message, receive, most)
            raise RequestRefused(413, f"This request is larger than {_size(most)}; send a file as an upload.")
    unread = True

    async def again() -> Message:
        nonlocal unread
        if unread:
            unread = False
            return {"type": "http.request", "body": bytes(body), "more_body": False}
        return await receive()

    return bytes(body), again


def check_names(found: Iterable[tuple[str, Any]]) -> None:
    """Raise Refused unless the names of session, event and upload are names."""
    for name, value in found:
        if name in NAMES and value is not None and not (isinstance(value, str) and re.fullmatch(ID, value)):
            raise RequestRefused(400, f"{name} must be 1 to 64 letters, digits, - or _.")


def check_files(body: bytes, visits: Visits) -> None:
    """Raise Refused for JSON that names a file which no visitor uploaded; those it names belong to its visit."""
    # At least as many as there are values, and counted without making them.
    if sum(body.count(sign) for sign in (b",", b"[", b"{")) > VALUES:
        raise RequestRefused(413, f"This request has more than {VALUES:,} values; send fewer files at a time.")
    try:
        found = json.loads(body or b"null")
    except (ValueError, RecursionError) as error:
        raise RequestRefused(400, "The request is not JSON.") from error
    if isinstance(found, dict):
        check_names(found.items())
    rest, named = [(found, 1)], []
    while rest:
        one, depth = rest.pop()
        if depth > DEPTH:
            raise RequestRefused(400, "The request is not JSON of a form that this page knows.")
        if isinstance(one, dict):
            # With or without Gradio's mark of a file: it takes an image's path as it comes when there is none.
            named += [one["path"]] if isinstance(one.get("path"), str) else []
            rest += [(value, depth + 1) for value in one.values()]
        elif isinstance(one, list):
            rest += [(value, depth + 1) for value in one]
    for path in named:
        if is_address(path):
            raise RequestRefused(422, "This page does not fetch URLs; upload the file itself.")
        if not visits.has(path):
            raise RequestRefused(422, "This file is not on the server; upload it first.")
    if isinstance(found, dict) and (session := found.get("session_hash")):
        for path in named:
            visits.claim(session, path)


async def _let_pass(message: Message, receive: Receive, most: int) -> None:
    """Reads on for a while: a sender that is cut off while sending never reads why."""
    passed = 0
    while message.get("more_body", False) and passed < most:
        message = await receive()
        passed += len(message.get("body", b""))


def _size(count: int) -> str:
    return f"{count / 1e6:g} MB" if count >= 100_000 else f"{count / 1e3:g} kB"
