"""Downloads one archive: goes on after any interruption, is checked, and has its own name only when whole."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from sharpcli.errors import SharpError
from sharpcli_training.data.transfer import Passing, Report, address_of, receive, size, version_of

TRIES = 5
"""Failures in a row, without a byte won in between, after which a download gives up."""
TIMEOUT = 30.0


@dataclass(frozen=True)
class Archive:
    """A zip file as it is known: `bytes` long, `sha256` in lower-case hex."""

    name: str
    bytes: int
    sha256: str
    validation: bool = False


def download(archive: Archive, address: str, folder: Path, report: Report, pause: float = 1.0) -> Path:
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
    part.replace(target)
    return target


def part_of(target: Path) -> Path:
    """Where a file lies while it is not whole."""
    return target.with_name(f"{target.name}.part")


def _is(archive: Archive, path: Path) -> bool:
    if size(path) != archive.bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == archive.sha256
