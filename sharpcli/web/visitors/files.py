"""The visitors' files: each visit's own, under names that nobody can guess, and gone when they are of no more use."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from sharpcli.errors import SharpError
from sharpcli.files.atomic import JUST_NOW, remove_left_folder
from sharpcli.files.locks import folder_lock
from sharpcli.web.visitors.quota import Quota
from sharpcli.web.words.say import say

PREFIX, NEW_PREFIX = "sharpcli-demo-", "sharpcli-new-"
"""What the folder is called, and until it is held."""
UPLOADED = "upload-"
"""How the name of an upload's folder begins."""
KEPT_FOLDER = "kept"
AGE = 3600.0
"""Seconds after which a file is deleted that nobody used meanwhile."""
EVERY = 60.0
ENDED = 2000
"""Visits that have ended and are remembered: what still runs for one may write once more."""


class Visitor(Protocol):
    """A request of a visit, such as Gradio's."""

    session_hash: str | None


class Visits:
    """The folders of all visits to one page. Safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.quota = Quota(root)
        self._folders: dict[str, set[Path]] = {}
        self._here: Counter[str] = Counter()
        self._ended: OrderedDict[str, set[Path]] = OrderedDict()
        self._lock = threading.Lock()

    def folder(self, request: Visitor) -> Path:
        """A new empty folder of the visit a request belongs to; deleted when the visitor leaves, or when it is old.

        Raises SharpError when the visitor has left.
        """
        if str(request.session_hash) in self._ended:
            raise SharpError(say("the session has ended; reload the page"))
        folder = self.new_folder()
        self._note(str(request.session_hash), folder)
        return folder

    def new_folder(self) -> Path:
        """A new empty folder of no visit, which its maker deletes; if not, it goes when it is old."""
        folder = self.root / f"visit-{secrets.token_urlsafe(16)}"
        folder.mkdir()
        return folder

    @contextmanager
    def filled(self, request: Visitor) -> Iterator[Path]:
        """A new folder of the visit, which goes when what is to fill it fails, or the visitor has left meanwhile.

        Raises SharpError when the visitor has left.
        """
        folder = self.folder(request)
        try:
            yield folder
            if str(request.session_hash) in self._ended:
                raise SharpError(say("the session has ended; reload the page"))
        except BaseException:
            self.delete(folder)
            self._clean(str(request.session_hash))
            raise

    def arrive(self, session: str) -> None:
        """A visitor is there, maybe again: a page that lost its connection comes back under the same name."""
        with self._lock:
            self._here[session] += 1
            self._ended.pop(session, None)

    def depart(self, session: str) -> None:
        """One of the connections by which a visitor was there has ended; with the last one the visit does."""
        with self._lock:
            self._here[session] -= 1
            there = self._here[session] > 0
            if not there:
                del self._here[session]
        if not there:
            self._end(session)

    def leave(self, request: Visitor) -> None:
        """Delete the files of a visit that has ended, unless the visitor has come back meanwhile."""
        if self._here[str(request.session_hash)] <= 1:  # which is the connection that is ending
            self._end(str(request.session_hash))

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
                    self.delete(entry)
                else:  # gr.File makes an empty one for each file that it hands on
                    entry.unlink(missing_ok=True)
        for session in list(self._ended):
            self._clean(session)
        with self._lock:
            for visit, folders in list(self._folders.items()):
                self._folders[visit] = {folder for folder in folders if folder.exists()}
                if not self._folders[visit]:
                    del self._folders[visit]

    def _note(self, session: str, folder: Path) -> None:
        with self._lock:
            self._folders.setdefault(session, set()).add(folder)

    def _end(self, session: str) -> None:
        with self._lock:
            folders = self._folders.pop(session, set())
            self._ended.setdefault(session, set()).update(folders)
            self._ended.move_to_end(session)
            while len(self._ended) > ENDED:
                self._ended.popitem(last=False)
        for folder in folders:
            self.delete(folder)

    def _clean(self, session: str) -> None:
        """Delete what was written for a visit after it had ended."""
        with self._lock:
            if session not in self._ended:
                return
            folders = self._ended[session] | self._folders.pop(session, set())
            self._ended[session] = folders
        for folder in folders:
            if folder.exists():
                self.delete(folder)

    def delete(self, folder: Path) -> None:
        """Delete a folder, whose files no longer count."""
        shutil.rmtree(folder, ignore_errors=True)
        self.quota.release(folder.name)


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
