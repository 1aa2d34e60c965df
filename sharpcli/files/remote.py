"""Where files lie: on this machine, or anywhere that fsspec reaches by a URL such as s3://bucket/folder.

A remote place is a universal-pathlib `UPath`, which offers what `Path` offers as far as this program uses it; here is
all that has to be done differently for one.
"""

from __future__ import annotations

import re
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from sharpcli.errors import ImageError, SharpError

if TYPE_CHECKING:
    from upath import UPath

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oci", "oss"}
"""Protocols whose uploads appear whole by themselves, and which know no folders."""
TIMES = ("mtime", "modified", "LastModified", "last_modified", "updated", "created")
"""What file systems call the time of the last change; objects are made anew with each."""


def location(text: str | Path) -> Path:
    """A Path for what lies on this machine (file:// URLs too), a UPath for other URLs; raises SharpError."""
    if text == "":
        raise SharpError("empty path; is a shell variable unset?")
    if isinstance(text, Path) or not URL.match(text):
        return Path(text)
    if text.lower().startswith("file://"):
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost") or not parts.path:
            raise SharpError(f"{text} is not a local file; use file:///folder/name or a plain path")
        return Path(url2pathname(parts.path))
    try:
        from upath import UPath
    except ImportError as error:
        raise SharpError(f"URLs such as {text} need: pip install 'sharpcli[cluster]'") from error
    try:
        place = UPath(text)
        # Finds the protocol's package, and asks once, so that a refusal comes before anything is done.
        with suppress(FileNotFoundError):
            place.fs.info(place.path)
    except ImportError as error:
        reason = _line(error)
        raise SharpError(f"{text} needs another package besides 'sharpcli[cluster]' ({reason})") from error
    except Exception as error:  # each protocol has its own way to say that it cannot be reached
        raise SharpError(f"{text} cannot be reached ({_line(error)})") from error
    return cast(Path, place)


def is_remote(path: Path) -> bool:
    """Whether a path is a UPath, so that only fsspec reaches it."""
    return not isinstance(path, Path)


@contextmanager
def fetched(path: Path) -> Iterator[Path]:
    """A file on this machine with the content of `path`: itself where it is here already. Raises ImageError."""
    if not is_remote(path):
        yield path
        return
    remote = cast("UPath", path)
    with tempfile.TemporaryDirectory(prefix="sharpcli-") as folder:
        local = Path(folder) / f"fetched{path.suffix}"
        try:
            remote.fs.get_file(remote.path, str(local))
        except FileNotFoundError as error:
            raise ImageError("no such file") from error
        except Exception as error:  # whatever the protocol's package raises
            raise ImageError(f"cannot be downloaded ({_line(error)})") from error
        yield local


def put(local: Path, path: Path) -> None:
    """Copy a file to a remote place, where it appears whole or not at all. Raises OSError."""
    remote = cast("UPath", path)
    fs, name = remote.fs, remote.path
    try:
        if remote.protocol in OBJECT_STORES:
            fs.put_file(str(local), name)
            return
        folder = remote.parent.path
        fs.makedirs(folder, exist_ok=True)
        temporary = f"{folder.rstrip('/')}/.sharpcli-{uuid.uuid4().hex}.part"
        try:
            fs.put_file(str(local), temporary)
            fs.mv(temporary, name)
        except BaseException:
            with suppress(Exception):
                fs.rm_file(temporary)
            raise
    except OSError:
        raise
    except Exception as error:  # whatever the protocol's package raises
        raise OSError(f"cannot be uploaded: {_line(error)}") from error


def listed(folder: Path) -> dict[str, int | None]:
    """All files below a remote folder, by their path from it, with the time of their last change in ns, if it is known.

    One request for a folder of any depth; a folder that is not there is empty. Raises SharpError.
    """
    remote = cast("UPath", folder)
    remote.fs.invalidate_cache()
    try:
        found: dict[str, dict[str, Any]] = remote.fs.find(remote.path, detail=True)
    except FileNotFoundError:
        return {}
    except Exception as error:  # whatever the protocol's package raises
        raise SharpError(f"{folder} cannot be listed ({_line(error)})") from error
    start = len(remote.path.rstrip("/")) + 1
    # A file is found below itself; stores show folders that somebody made by hand as empty files with a slash.
    return {name[start:]: _time(info) for name, info in found.items() if name[start:] and not name.endswith("/")}


def heads(folder: Path, names: Sequence[str], size: int) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """For each file of a remote folder, what gives its first `size` bytes or raises OSError; all are asked for at once.

    A file that is shorter gives what it has.
    """
    fs = cast("UPath", folder).fs
    paths = [cast("UPath", folder / name).path for name in names]
    for name, path, found in zip(names, paths, fs.cat_ranges(paths, 0, size, on_error="return"), strict=True):
        yield name, partial(_given, fs, path, found)


def _given(fs: Any, path: str, found: bytes | Exception) -> bytes:
    if not isinstance(found, Exception):
        return bytes(found)
    try:
        if fs.size(path) == 0:  # stores refuse a part of what is empty
            return b""
    except Exception as error:  # whatever the protocol's package raises
        found = error
    raise found if isinstance(found, OSError) else OSError(_line(found))


def _time(info: dict[str, Any]) -> int | None:
    for key in TIMES:
        value = info.get(key)
        with suppress(ValueError):
            value = datetime.fromisoformat(value) if isinstance(value, str) else value
            value = value.timestamp() if isinstance(value, datetime) else value
        if isinstance(value, (int, float)):
            return int(value * 1e9)
    return None


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
