"""Tells the runs that are at work in one output folder of each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sharpcli.files.remote import is_remote

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class FolderLock:
    """`alone` says whether no other run was at work when it was taken; `share` lets others of the same settings in."""

    def __init__(self, handle: int | None = None, alone: bool = True) -> None:
        self._handle, self.alone = handle, alone

    def share(self) -> None:
        """Let other runs know of this one, and wait for what they have to settle before."""
        if self._handle is not None:
            fcntl.flock(self._handle, fcntl.LOCK_SH)


@contextmanager
def folder_lock(folder: Path) -> Iterator[FolderLock]:
    """Hold a folder (made where missing) until the end; the system lets go of it whatever ends the process.

    Remote places and systems without such locks know of nobody. Raises OSError.
    """
    if is_remote(folder) or fcntl is None:
        yield FolderLock()
        return
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        lock = FolderLock(handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.alone = False
            lock.share()
        except OSError:  # a file system that locks no folders
            lock = FolderLock()
        yield lock
    finally:
        with suppress(OSError):
            os.close(handle)


def in_use(folder: Path) -> bool:
    """Whether somebody holds a folder just now; True as well where nobody can tell. Never waits."""
    if fcntl is None:
        return True
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
