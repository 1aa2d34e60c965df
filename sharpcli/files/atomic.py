"""Files that appear whole or not at all, and what an ended program left of them."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sharpcli.files.remote import is_remote, put

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

PREFIX, SUFFIX = ".sharpcli-", ".part"


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
    """Remove the unfinished files in a folder whose program has ended; how many there were.

    A file that somebody still writes is locked, and stays; remote folders have no locks, so there everything stays.
    Raises OSError when the folder cannot be read.
    """
    removed = 0
    if is_remote(folder):
        return removed
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        try:
            with path.open("r+b") as file:  # NFS locks nothing that is only read
                if _locked(file):
                    path.unlink()
                    removed += 1
        except OSError:  # another program was quicker, or it is not ours to remove
            continue
    return removed


def _new_file(folder: Path) -> tuple[BinaryIO, Path]:
    while True:
        path = folder / f"{PREFIX}{uuid.uuid4().hex}{SUFFIX}"
        file = path.open("x+b")
        # Between its making and its locking a file looks like a left-over to somebody who cleans up. Where a file
        # system has no locks, nobody can take it for one either.
        with suppress(OSError):
            if not _locked(file) or not path.exists():
                file.close()
                continue
        return file, path


def _locked(file: BinaryIO) -> bool:
    """Take the lock that ends with the program, whatever ends it; False when somebody else has it. Raises OSError."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
