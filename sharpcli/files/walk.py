"""Walks through a folder of images and passes over what nobody means by it."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath, PurePosixPath

from sharpcli.files.formats import HEAD
from sharpcli.files.names import folded
from sharpcli.files.paths import Identity, below, exists, first_bytes, identity
from sharpcli.files.remote import heads, is_remote, listed
from sharpcli.files.unsupported import called_an_image, looks_like_an_image

MEMORY = ".sharpcli.json"
"""The file in which an output folder remembers its settings; a folder that holds one holds results, not inputs."""

SYSTEM = {"__macosx", "@eadir", "$recycle.bin", "system volume information", "lost+found", "thumbs.db", "desktop.ini"}

Unreadable = tuple[Path, str]
"""A folder and why it could not be read."""


def passed_over(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or is a system's own and not the user's."""
    return name.startswith(".") or folded(name) in SYSTEM


def walk(
    top: Path,
    *,
    recursive: bool,
    glob: Sequence[str],
    exclude: Sequence[str],
    outputs: Collection[Identity],
    unreadable: list[Unreadable],
) -> Iterator[tuple[PurePath, list[str]]]:
    """Every folder from `top` down, relative to it, with the names of the images in it, in a fixed order.

    An image is what is called as images are, and any other file that begins as one; also of kinds that are not read
    (RAW, HEIC, clips and so on, see `unsupported`), since to pass over them in silence would look like success.
    Passed over are hidden and system files and folders, what `exclude` names, the folders whose `identity` is in
    `outputs`, and folders below `top` that hold results (see MEMORY). Folders behind symlinks are not entered, save
    `top` itself; files behind symlinks are taken, also where the symlink leads nowhere. A folder that cannot be read is
    added to `unreadable`, as is a file that has to be looked into and cannot be, and the walk goes on.
    """
    wanted, unwanted = _matcher(glob), _matcher(exclude)
    entries_of = _listing(top) if is_remote(top) else partial(_scan, top)
    waiting = [PurePath()]
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(entries_of(here), key=lambda entry: entry.name)
        except OSError as error:
            unreadable.append((below(top, here), f"cannot be read ({error.strerror})"))
            continue
        if here.parts and any(entry.name == MEMORY for entry in entries):
            continue
        prefix = f"{here.as_posix()}/" if here.parts else ""
        names: list[str] = []
        folders: list[PurePath] = []
        others: list[str] = []
        for entry in entries:
            name = entry.name
            if passed_over(name) or _hidden(entry) or unwanted(name, prefix + name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if recursive and not (outputs and identity(below(top, here) / name) in outputs):
                    folders.append(here / name)
            elif wanted(name, prefix + name) and _is_file(entry):
                (names if called_an_image(_ending(name)) else others).append(name)
        if others:
            names = sorted([*names, *_by_content(below(top, here), others, unreadable)])
        yield here, names
        waiting += reversed(folders)


@dataclass(frozen=True)
class _Listed:
    """What is used of an os.DirEntry, for something in a remote folder."""

    name: str
    path: str
    folder: bool

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return self.folder

    def is_file(self) -> bool:
        return not self.folder

    def is_symlink(self) -> bool:
        return False


_Entry = os.DirEntry[str] | _Listed


def _scan(top: Path, here: PurePath) -> list[_Entry]:
    with os.scandir(top / here) as entries:
        return list(entries)


def _listing(top: Path) -> Callable[[PurePath], Iterable[_Entry]]:
    """What is in each folder of a remote one, from one listing of all of it."""
    found: dict[PurePath, dict[str, _Entry]] = {}
    for file in map(PurePosixPath, listed(top)):
        for path in (file, *file.parents[:-1]):
            found.setdefault(path.parent, {})[path.name] = _Listed(path.name, str(path), folder=path is not file)
    return lambda here: found.get(PurePosixPath(here), {}).values()


def _by_content(folder: Path, names: Sequence[str], unreadable: list[Unreadable]) -> Iterator[str]:
    """Those of a folder's files that begin as an image does."""
    here = ((name, partial(first_bytes, folder / name)) for name in names)
    found = heads(folder, names, HEAD) if is_remote(folder) else here
    for name, read in found:
        try:
            if looks_like_an_image(read()):
                yield name
        except FileNotFoundError:  # a symlink that leads nowhere, of which nobody knows what it led to
            continue
        except OSError as error:
            unreadable.append((folder / name, f"cannot be read ({error.strerror or error})"))


def _ending(name: str) -> str:
    return os.path.splitext(name)[1][1:].lower()  # noqa: PTH122 (ten times as fast, and folders are large)


def _is_file(entry: _Entry) -> bool:
    """Whether it is a file, or a symlink that will have to fail as one; a pipe would be waited for without end."""
    try:
        if entry.is_file():
            return True
        return entry.is_symlink() and not exists(Path(entry.path))
    except OSError:  # a symlink in a circle, or into what may not be read
        return True


def _hidden(entry: _Entry) -> bool:
    """Whether Windows hides it; elsewhere only names do."""
    if os.name != "nt" or isinstance(entry, _Listed):
        return False
    attributes: int = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0)
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)


def _matcher(patterns: Sequence[str]) -> Callable[[str, str], bool]:
    """A test of a name and a relative posix path against patterns: against the path where they have a "/" inside.

    Letter case and the way of composing accents do not count. `*` stands for any characters, "/" too; `**/` may stand
    for no folder at all.
    """
    names, paths = [], []
    for pattern in patterns:
        plain = unicodedata.normalize("NFC", pattern).removeprefix("./").rstrip("/")
        if "/" in plain:
            paths += sorted({plain.lstrip("/"), plain.replace("**/", "").lstrip("/")})
        else:
            names.append(plain)
    name_pattern, path_pattern = _either(names), _either(paths)

    def matches(name: str, path: str) -> bool:
        return bool(
            (name_pattern and name_pattern.match(unicodedata.normalize("NFC", name)))
            or (path_pattern and path_pattern.match(unicodedata.normalize("NFC", path)))
        )

    return matches


def _either(patterns: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(fnmatch.translate, patterns)), re.IGNORECASE) if patterns else None
