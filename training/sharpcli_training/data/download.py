"""Downloads one archive by HTTP: goes on after any interruption, is checked, and has its name only when whole."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from sharpcli.errors import SharpError
from sharpcli.files.atomic import in_place

TRIES = 5
"""Failures in a row, without a byte won in between, after which a download gives up."""
TIMEOUT = 30.0

ReportBytes = Callable[[int, int], None]
"""Called with what is done and the total."""
PASSING = {408, 425, 429, 500, 502, 503, 504}
"""Answers of a server that may answer otherwise in a moment."""


@dataclass(frozen=True)
class Archive:
    """A zip file as it is known: `bytes` long, `sha256` in lower-case hex."""

    name: str
    bytes: int
    sha256: str
    validation: bool = False


def download(archive: Archive, address: str, folder: Path, report: ReportBytes, pause: float = 1.0) -> Path:
    """Have `archive` in `folder`, fetched from below `address` unless it is there; returns its path.

    What came stays in `NAME.part` and the next call goes on from there. `report` counts bytes; `pause` is in seconds
    and doubles with each failure in a row. Raises SharpError, and OSError when `folder` cannot be written.
    """
    target = folder / archive.name
    if target.exists():
        if not _is(archive, target):
            raise SharpError(
                f"{target} is not the {archive.name} that is known; move it away, "
                f"or rename it to {part_of(target).name} if it is only unfinished"
            )
        return target
    url = address_of(address, archive.name)
    part = part_of(target)
    if size(part) > archive.bytes:
        part.unlink()
    failures = 0
    headers = {"Accept-Encoding": "identity"}  # bytes as they lie on the server: lengths and ranges count those
    with httpx.Client(follow_redirects=True, timeout=TIMEOUT, headers=headers) as client:
        while (had := size(part)) < archive.bytes:
            try:
                receive(client, url, part, archive.bytes, report)
            except (httpx.TransportError, Passing) as error:
                failures = 1 if size(part) > had else failures + 1
                if failures == TRIES:
                    why = str(error) or type(error).__name__
                    raise SharpError(f"{url}: {why}; run it again to go on from byte {size(part)}") from error
                time.sleep(pause * 2 ** (failures - 1))
            except httpx.HTTPError as error:
                raise SharpError(f"{url}: {error}; check the address, or give another with --mirror") from error
    right = _is(archive, part)
    version_of(part).unlink(missing_ok=True)
    if not right:
        part.unlink()
        raise SharpError(f"what came from {url} has the wrong checksum and was removed; try again or give a --mirror")
    in_place(part, target)
    return target


def part_of(target: Path) -> Path:
    """Where a file lies while it is not whole."""
    return target.with_name(f"{target.name}.part")


def _is(archive: Archive, path: Path) -> bool:
    if size(path) != archive.bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == archive.sha256


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


def receive(client: httpx.Client, url: str, part: Path, total: int, report: ReportBytes) -> None:
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
        match = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", response.headers.get("Content-Range", ""))
        start, length = match.groups() if match else (None, "*")
        return -1 if start is None else int(start), None if length == "*" else int(length)
    answer = f"the server answered {code} {response.reason_phrase}".rstrip()
    if code in PASSING:
        raise Passing(answer)
    raise SharpError(f"{response.url}: {answer}; check the address, or give another with --mirror")


def _told_version(response: httpx.Response) -> str:
    """The strong ETag or else the date, as If-Range wants it; empty when neither is given."""
    etag = str(response.headers.get("ETag", ""))
    return etag if etag and not etag.startswith("W/") else str(response.headers.get("Last-Modified", ""))
