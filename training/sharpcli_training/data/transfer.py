"""One HTTP request for what is missing of a file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import httpx

from sharpcli.errors import SharpError

Report = Callable[[int, int], None]
"""Called with what is done and the total."""

PASSING = {408, 425, 429, 500, 502, 503, 504}
"""Answers of a server that may answer otherwise in a moment."""


class Passing(Exception):
    """A failure that another try may mend."""


def size(path: Path) -> int:
    """Length in bytes, 0 where there is no file."""
    return path.stat().st_size if path.exists() else 0


def version_of(part: Path) -> Path:
    """The file with the server's name for the version that `part` is of, so that two versions are never mixed."""
    return part.with_name(f"{part.name}.version")


def address_of(address: str, name: str) -> str:
    """The address of a file below `address`; raises SharpError when that is none."""
    try:
        url = httpx.URL(f"{address.rstrip('/')}/{name}")
    except httpx.InvalidURL as error:
        raise SharpError(f"{address} is no address ({error}); give one like https://host/folder") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise SharpError(f"{address} is no address to fetch from; give one like https://host/folder")
    return str(url)


def receive(client: httpx.Client, url: str, part: Path, total: int, report: Report) -> None:
    """Ask for what `part` lacks of `total` bytes and write it there as it comes; a refused continuation starts over.

    Raises Passing or httpx.TransportError where another try may help, SharpError where it cannot.
    """
    have = size(part)
    version = version_of(part).read_text() if have and version_of(part).exists() else ""
    headers = {"Range": f"bytes={have}-"} if have else {}
    if version:
        headers["If-Range"] = version
    with client.stream("GET", url, headers=headers) as response:
        start, promised = _promise(response)
        if promised not in (None, total):
            raise SharpError(f"{url} has {promised} bytes instead of {total}: not the known file; give a --mirror")
        mixed = start > 0 and version != "" and _told_version(response) not in ("", version)
        if start not in (0, have) or mixed:
            part.unlink(missing_ok=True)
            raise Passing("the server sent another piece than was asked for")
        with part.open("r+b" if start else "wb") as file:
            if not start:
                version_of(part).write_text(_told_version(response))
            file.seek(start)
            for block in response.iter_raw():
                start += len(block)
                if start > total:
                    raise SharpError(f"{url} sends more than {total} bytes: not the known file; give a --mirror")
                file.write(block)
                report(start, total)
            file.flush()
            os.fsync(file.fileno())
    if start < total:
        raise Passing("the connection ended early")


def _promise(response: httpx.Response) -> tuple[int, int | None]:
    """(first byte of the body, length of the whole file if told); the byte is -1 when the range was refused.

    Raises Passing or SharpError for an answer without a body of the file.
    """
    code = response.status_code
    if code == httpx.codes.OK:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            # A network's sign-in page: writing it would lose what had come before.
            raise SharpError(f"{response.url} answers with a web page, not the file; check the network or the address")
        length = response.headers.get("Content-Length")
        return 0, int(length) if length else None
    if code in (httpx.codes.PARTIAL_CONTENT, httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE):
        told = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", response.headers.get("Content-Range", ""))
        start, length = told.groups() if told else (None, "*")
        return -1 if start is None else int(start), None if length == "*" else int(length)
    said = f"the server answered {code} {response.reason_phrase}".rstrip()
    if code in PASSING:
        raise Passing(said)
    raise SharpError(f"{response.url}: {said}; check the address, or give another with --mirror")


def _told_version(response: httpx.Response) -> str:
    """The strong ETag or else the date, as If-Range wants it; empty when neither is given."""
    etag = str(response.headers.get("ETag", ""))
    return etag if etag and not etag.startswith("W/") else str(response.headers.get("Last-Modified", ""))
