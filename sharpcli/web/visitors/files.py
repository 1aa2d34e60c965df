"""The visitors' files: each visit's own, under names that nobody can guess, and gone when they are of no more use."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import gradio as gr

from sharpcli.files.atomic import JUST_NOW, remove_left_folder
from sharpcli.files.locks import folder_lock
from sharpcli.web.visitors.uploads import UPLOADED

PREFIX, NEW_PREFIX = "sharpcli-demo-", "sharpcli-new-"
"""What the folder is called, and until it is held."""
KEPT_FOLDER = "kept"
AGE = 3600.0
"""Seconds after which a file is deleted that nobody used meanwhile."""
EVERY = 60.0


class Visits:
    """The folders of all visits to one page. Safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[str, set[Path]] = {}
        self._lock = threading.Lock()

    def folder(self, request: gr.Request) -> Path:
        """A new empty folder of the visit a request belongs to; deleted when the visitor leaves, or when it is old."""
        folder = self.new_folder()
        self._note(str(request.session_hash), folder)
        return folder

    def new_folder(self) -> Path:
        """A new empty folder of no visit, which its maker deletes; if not, it goes when it is old."""
        folder = self.root / f"visit-{secrets.token_urlsafe(16)}"
        folder.mkdir()
        return folder

    @contextmanager
    def filled(self, request: gr.Request) -> Iterator[Path]:
        """A new folder of the visit, which goes when what is to fill it fails."""
        folder = self.folder(request)
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def leave(self, request: gr.Request) -> None:
        """Delete the files of a visit that has ended."""
        with self._lock:
            folders = self._folders.pop(str(request.session_hash), set())
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, file: Path) -> Path:
        """A copy of one of the program's own files, such as an example, that stays until the end."""
        copy = self.root / KEPT_FOLDER / file.name
        copy.parent.mkdir(exist_ok=True)
        return Path(shutil.copyfile(file, copy))

    def has(self, path: str) -> bool:
        """Whether a path lies where the visitors' files are, deleted or not."""
        try:
            return self.root in Path(path).resolve().parents
        except (OSError, ValueError):  # no path at all
            return False

    def claim(self, session: str, path: str) -> None:
        """What was uploaded at `path` belongs to the visit that names it, and goes when that ends."""
        inside = Path(path).resolve().relative_to(self.root)
        folder = self.root / inside.parts[0]
        if folder.name.startswith(UPLOADED):
            with suppress(FileNotFoundError):
                os.utime(folder)  # it is in use, and not old
            self._note(session, folder)

    def sweep(self, age: float = AGE) -> None:
        """Delete the uploads and folders in which nothing was written for `age` seconds."""
        for entry in list(self.root.iterdir()):
            if entry.name != KEPT_FOLDER and time.time() - _newest(entry) > age:
                if entry.is_dir():
                    shutil.rmtree(entry, ignore_errors=True)
                else:  # gr.File makes an empty one for each file that it hands on
                    entry.unlink(missing_ok=True)
        with self._lock:
            for visit, folders in list(self._folders.items()):
                self._folders[visit] = {folder for folder in folders if folder.exists()}
                if not self._folders[visit]:
                    del self._folders[visit]

    def _note(self, session: str, folder: Path) -> None:
        with self._lock:
            self._folders.setdefault(session, set()).add(folder)


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
    above = Path(tempfile.gettempdir()).resolve()
    for prefix, age in ((PREFIX, 0.0), (NEW_PREFIX, JUST_NOW)):
        for left in above.glob(f"{prefix}*"):
            remove_left_folder(left, age)
    over = threading.Event()
    made = Path(tempfile.mkdtemp(prefix=NEW_PREFIX, dir=above))
    # Locked before it has the name under which the next program would look for what was left.
    with folder_lock(made):
        root = made.rename(above / made.name.replace(NEW_PREFIX, PREFIX))
        found = Visits(root)

        def sweeping() -> None:
            while not over.wait(EVERY):
                found.sweep()

        threading.Thread(target=sweeping, daemon=True).start()
        try:
            yield found
        finally:
            over.set()
            # Once more when all threads have ended: an image in hand makes its folder anew.
            atexit.register(shutil.rmtree, root, ignore_errors=True)
            shutil.rmtree(root, ignore_errors=True)
