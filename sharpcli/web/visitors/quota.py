"""How much visitors may have uploaded at a time: each, by the address, since an upload names no session, and all."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from starlette.types import Message, Send

from sharpcli.web.visitors.addresses import is_loopback

FILES, ALL_FILES = 10_000, 50_000
EACH, ALL = 4, 20
"""How many of the largest uploads a visitor may have at a time, and all visitors together."""
STEP = 16_000_000
"""Bytes between two looks at the room on the disk."""


class QuotaExceeded(Exception):
    """An upload for which there is no room; the sentence says why."""


@dataclass(frozen=True)
class Allowance:
    """Bytes and files that a visitor, and all together, may have uploaded; `spare` bytes of the disk stay free.

    For visitors of this machine itself, who may all come through a proxy that does not say for whom, only what all may
    have counts.
    """

    bytes: int
    all_bytes: int
    spare: int
    files: int = FILES
    all_files: int = ALL_FILES

    @classmethod
    def of(cls, upload: int) -> Self:
        """In proportion to the largest upload."""
        return cls(EACH * upload, ALL * upload, upload // 10)


class Quota:
    """What lies below a folder of whom. Safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[str, tuple[str, int]] = {}
        self._bytes: Counter[str] = Counter()
        self._files: Counter[str] = Counter()
        self._all_bytes = 0
        self._lock = threading.Lock()

    def take(self, folder: str, address: str, size: int, allowance: Allowance) -> None:
        """Count so many bytes more in a file's folder, which may be new; raises QuotaExceeded."""
        with self._lock:
            _, before = self._folders.get(folder, (address, 0))
            files = int(folder not in self._folders)
            if self._all_bytes + size > allowance.all_bytes or len(self._folders) + files > allowance.all_files:
                raise QuotaExceeded(
                    "The uploads of all visitors have the maximum allowed size; try again later, when some have left."
                )
            alone = is_loopback(address)
            if not alone and self._bytes[address] + size > allowance.bytes:
                raise QuotaExceeded(
                    f"Your uploads are larger than {allowance.bytes / 1e6:g} MB together, the maximum allowed size; "
                    "close the page to delete them."
                )
            if not alone and self._files[address] + files > allowance.files:
                raise QuotaExceeded(
                    f"You have uploaded {allowance.files:,} files, and with more the maximum allowed size is exceeded; "
                    "close the page to delete them."
                )
            self._folders[folder] = (address, before + size)
            self._all_bytes += size
            self._bytes[address] += size
            self._files[address] += files
        if (before + size) // STEP != before // STEP and shutil.disk_usage(self.root).free < allowance.spare:
            raise QuotaExceeded(
                "The disk is nearly full, so this is more than the maximum allowed size; try again later."
            )

    def release(self, folder: str) -> None:
        """The folder has been deleted."""
        with self._lock:
            address, size = self._folders.pop(folder, (None, 0))
            if address is not None:
                self._all_bytes -= size
                self._bytes[address] -= size
                self._files[address] -= 1
                if not self._files[address]:
                    del self._files[address], self._bytes[address]


@dataclass
class Uploading:
    """An upload that is being read."""

    quota: Quota
    address: str
    allowance: Allowance
    folders: list[str]
    done: bool = False

    def take(self, folder: str, size: int) -> None:
        """See `Quota.take`."""
        if not self.folders or self.folders[-1] != folder:
            self.folders.append(folder)
        self.quota.take(folder, self.address, size, self.allowance)

    def noting(self, send: Send) -> Send:
        """Sees from the answer whether the upload was taken."""

        async def sent(message: Message) -> None:
            self.done = self.done or message.get("status") == 200
            await send(message)

        return sent


CURRENT: ContextVar[Uploading | None] = ContextVar("CURRENT", default=None)
"""The upload that this request is."""


@contextmanager
def uploading(quota: Quota, address: str, allowance: Allowance) -> Iterator[Uploading]:
    """Count what the request that is being answered uploads; of one that fails nothing counts."""
    found = Uploading(quota, address, allowance, [])
    token = CURRENT.set(found)
    try:
        yield found
    finally:
        CURRENT.reset(token)
        if not found.done:
            for folder in found.folders:
                quota.release(folder)
