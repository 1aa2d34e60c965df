"""What a path leads to on its disk; no question raises, whatever the disk answers, unless its docstring says so."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePath

from sharpcli.errors import SharpError
from sharpcli.files.formats import HEAD, is_read
from sharpcli.files.names import shown
from sharpcli.files.remote import is_remote

Identity = tuple[int, int] | Path


def is_folder(path: Path) -> bool:
    """Whether a folder is there."""
    return stat.S_ISDIR(_mode(path))


def is_file(path: Path) -> bool:
    """Whether a file is there."""
    return stat.S_ISREG(_mode(path))


def exists(path: Path) -> bool:
    """Whether anything is there, a symlink that leads nowhere aside."""
    return _mode(path) != 0


def is_symlink(path: Path) -> bool:
    """Whether a symlink is there, wherever it leads."""
    return not is_remote(path) and os.path.islink(path)  # noqa: PTH114 (Path.is_symlink raises where a name is too long)


def names_folder(source: Path) -> bool:
    """Whether what a user named is a folder and not a file, or a symlink that will have to fail as a file.

    Raises SharpError when it is neither, and when nothing is there.
    """
    try:
        mode = source.stat().st_mode
    except OSError as error:
        if is_symlink(source):  # it leads nowhere
            return False
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise SharpError(f"no such file or folder: {shown(source)}") from error
        raise SharpError(f"{shown(source)} cannot be read ({error.strerror})") from error
    if what := file_in_words(mode):
        raise SharpError(f"{shown(source)} {what}")
    return stat.S_ISDIR(mode)


def file_in_words(mode: int) -> str:
    """Why what has this mode (`st_mode`) is not to be opened; empty for a file and for a folder, which says so itself.

    A pipe keeps whoever opens it waiting, and a device can be endless.
    """
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return ""
    return "is neither a file nor a folder but a pipe or a device; save it as a file first"


def first_bytes(path: Path) -> bytes:
    """So many bytes of a file as tell what it is. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        return file.read(HEAD)


def is_image(path: Path) -> bool:
    """Whether a local file is of a format that is read, by its name or else by its first bytes."""
    try:
        return is_read(path, lambda: first_bytes(path))
    except OSError:
        return False


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:  # pathlib's own questions raise where a name is too long or a folder closed
        return 0


def resolved(path: Path) -> Path:
    """The path without symlinks; where they go in a circle, as far as it goes."""
    try:
        return path if is_remote(path) else Path(os.path.realpath(path))  # Path.resolve raises RuntimeError on a circle
    except OSError:  # the current folder is gone
        return path


def anchored(path: Path, folder: Path) -> Path:
    """The path as it is seen from `folder`, which the process may leave."""
    return path if is_remote(path) else folder / path


def current_folder() -> Path:
    """The working folder; where that is gone, nothing that a path could be seen from."""
    try:
        return Path.cwd()
    except OSError:
        return Path()


def below(folder: Path, here: PurePath) -> Path:
    """What lies at `here` below the folder; remote places do not know that nothing more is the folder itself."""
    return folder / here if here.parts else folder


def identity(path: Path) -> Identity:
    """What two paths to one file or folder share: device and number, or the resolved path where there are none."""
    if is_remote(path):
        return path
    try:
        found = path.stat()
    except OSError:
        return resolved(path)
    return (found.st_dev, found.st_ino) if found.st_ino else resolved(path)


def nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next((above for above in (folder, *folder.parents) if exists(above)), Path())


def longest_name(folder: Path) -> int:
    """The length of the longest file name that the folder takes, in the units of `names.length`."""
    if is_remote(folder):
        return 255
    try:
        return os.pathconf(nearest(folder), "PC_NAME_MAX")
    except (AttributeError, OSError, ValueError):  # Windows has no such question, and some disks no answer
        return 255
