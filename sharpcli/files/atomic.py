"""Files that appear whole or not at all, and what an ended program left of them."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sharpcli.files.locks import folder_lock, in_use
from sharpcli.files.remote import is_remote, put

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

PREFIX, SUFFIX = ".sharpcli-", ".part"
BEGUN = ".clip"
"""The ending of a clip that was begun, and that the next run goes on with."""
STALE = 30 * 24 * 3600.0
"""Seconds after which nobody is expected to go on with one."""
JUST_NOW = 10.0
"""Seconds: a program needs far less from making a folder to holding it."""


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A new file to write and read, which takes the name `path` at the end, or vanishes if that is not reached.

    It lies in the same folder (made where missing) until then, flushed to the disk before it gets its name, so that
    neither a full disk nor a power cut can leave half a file under that name. For a remote path it lies in this
    machine's folder for temporary files, and is sent at the end. Raises OSError.
    """
    if is_remote(path):
        with tempfile.TemporaryDirectory(prefix="sharpcli-") as folder:
            local = Path(folder) / "whole"
            with local.open("x+b") as local_file:
                yield local_file
            put(local, path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    file, temporary = _new_file(path.parent)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if fcntl:  # while it is locked, and nobody can take it for a left-over
                temporary.replace(path)
        if not fcntl:
            temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def in_place(unfinished: Path, path: Path) -> None:
    """Give a file that is finished its name, once it is on the disk. Raises OSError."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)


@contextmanager
def passing_file(folder: Path, content: bytes) -> Iterator[Path]:
    """A file in a folder (made where missing) that is there only for a while. Raises OSError."""
    path = folder / f"{PREFIX}{uuid.uuid4().hex}{SUFFIX}"
    with whole_file(path) as file:
        file.write(content)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> int:
    """Remove the unfinished files and folders in a folder whose program has ended; how many there were.

    What somebody still writes is locked, and stays; so does a clip that was begun, until it is STALE. Remote folders
    have no locks, so there everything stays. Raises OSError when the folder cannot be read.
    """
    removed = 0
    if is_remote(folder):
        return removed
    begun = (path for path in folder.glob(f"{PREFIX}*{BEGUN}") if time.time() - path.stat().st_mtime > STALE)
    for path in (*folder.glob(f"{PREFIX}*{SUFFIX}"), *begun):
        if path.is_dir():
            removed += remove_left_folder(path, JUST_NOW)
            continue
        try:
            with path.open("r+b") as file:  # NFS locks nothing that is only read
                if locked(file):
                    path.unlink()
                    removed += 1
        except OSError:  # another program was quicker, or it is not ours to remove
            continue
    return removed


@contextmanager
def unfinished_folder(folder: Path) -> Iterator[Path]:
    """A new folder in another, which vanishes at the end with what is still in it. Raises OSError."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, suffix=SUFFIX, dir=folder) as made, folder_lock(Path(made)):
        yield Path(made)


def is_unfinished(path: Path) -> bool:
    """Whether a name is one of those that unfinished files and folders have here."""
    return path.name.startswith(PREFIX) and path.name.endswith(SUFFIX)


def remove_left_folder(folder: Path, age: float = 0.0) -> bool:
    """Remove a folder that nobody holds and that has not been changed for `age` seconds; whether that was done.

    A folder that is only held once it is there, under its name, needs an age of JUST_NOW.
    """
    with suppress(OSError):
        if time.time() - folder.stat().st_mtime >= age and not in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)
            return not folder.exists()
    return False


def _new_file(folder: Path) -> tuple[BinaryIO, Path]:
    while True:
        path = folder / f"{PREFIX}{uuid.uuid4().hex}{SUFFIX}"
        file = path.open("x+b")
        # Between its making and its locking a file looks like a left-over to somebody who cleans up. Where a file
        # system has no locks, nobody can take it for one either.
        with suppress(OSError):
            if not locked(file) or not path.exists():
                file.close()
                continue
        return file, path


def locked(file: BinaryIO) -> bool:
    """Take the lock that ends with the program, whatever ends it; False when somebody else has it. Raises OSError."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
