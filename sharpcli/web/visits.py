"""The visitors' files: each visit's own, under names that nobody can guess, and gone when they are of no more use."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr

from sharpcli.folder_lock import folder_lock, in_use

PREFIX = "sharpcli-demo-"
AGE = 3600.0
"""Seconds after which a file is deleted that nobody used meanwhile."""
EVERY = 60.0


class Visits:
    """The folders of all visits to one page. Safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[str, list[Path]] = {}
        self._lock = threading.Lock()

    def folder(self, request: gr.Request) -> Path:
        """A new empty folder of the visit a request belongs to; deleted when the visitor leaves, or when it is old."""
        folder = self.root / f"visit-{secrets.token_urlsafe(16)}"
        folder.mkdir()
        with self._lock:
            self._folders.setdefault(str(request.session_hash), []).append(folder)
        return folder

    def leave(self, request: gr.Request) -> None:
        """Delete the folders of a visit that has ended."""
        with self._lock:
            folders = self._folders.pop(str(request.session_hash), [])
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self, age: float = AGE) -> None:
        """Delete the uploads and folders in which nothing was written for `age` seconds."""
        for entry in list(self.root.iterdir()):
            if time.time() - _newest(entry) > age:
                shutil.rmtree(entry, ignore_errors=True)
        with self._lock:
            for visit, folders in list(self._folders.items()):
                self._folders[visit] = [folder for folder in folders if folder.exists()]
                if not self._folders[visit]:
                    del self._folders[visit]


def _newest(entry: Path) -> float:
    """When something in a folder, or the folder itself, was last written or read by its name."""
    newest = 0.0
    for path in (entry, *entry.rglob("*")):
        try:
            newest = max(newest, path.stat().st_mtime)
        except OSError:  # gone meanwhile
            continue
    return newest


@contextmanager
def visits() -> Iterator[Visits]:
    """A place for visitors' files, which is deleted at the end; what killed programs left is deleted first."""
    above = Path(tempfile.gettempdir())
    for left in above.glob(f"{PREFIX}*"):
        if not in_use(left):
            shutil.rmtree(left, ignore_errors=True)
    over = threading.Event()
    made = Path(tempfile.mkdtemp(prefix="sharpcli-new-", dir=above))
    # Locked before it has the name under which the next program would look for what was left.
    with folder_lock(made):
        root = made.rename(above / made.name.replace("sharpcli-new-", PREFIX))
        found = Visits(root)

        def sweeping() -> None:
            while not over.wait(EVERY):
                found.sweep()

        threading.Thread(target=sweeping, daemon=True).start()
        try:
            yield found
        finally:
            over.set()
            shutil.rmtree(root, ignore_errors=True)
