"""What an output folder remembers: the settings it was made with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from sharpcli.batch.plan import MEMORY
from sharpcli.errors import SharpError
from sharpcli.files.atomic import PREFIX, whole_file
from sharpcli.files.remote import is_remote, listed
from sharpcli.version import __version__


class Remembered:
    """The memory of one output folder; made by `remember`."""

    def __init__(self, changed: int | None) -> None:
        self._changed = changed

    def done(self, target: Path) -> bool:
        """Whether a result is there, and was made with the folder's settings. Raises OSError."""
        try:
            written = target.stat().st_mtime_ns
        except (FileNotFoundError, NotADirectoryError):
            return False
        return self._changed is None or written >= self._changed


class RememberedAfar(Remembered):
    """The memory of a remote output folder, which is listed once: to ask for each image would take too long."""

    def __init__(self, folder: Path, redone: bool) -> None:
        self._folder, self._redone, self._times = folder, redone, listed(folder)

    def done(self, target: Path) -> bool:
        """Whether a result is there, and was made with the folder's settings.

        Object stores count whole seconds, and some places tell no time at all: what may be old is not taken for done.
        """
        name = target.relative_to(self._folder).as_posix()
        if not self._redone or name not in self._times:
            return name in self._times
        written, changed = self._times[name], self._times.get(MEMORY)
        return written is not None and changed is not None and written > changed


def remember(folder: Path, settings: Mapping[str, Any], overwrite: bool, alone: bool = True) -> Remembered:
    """Compare an output folder's settings with those of this run, and store them if they are new.

    Raises SharpError when results of other settings are there already, unless they are to be overwritten; then
    the folder also remembers since when, so that a run that goes on knows the old results from the new. Where this run
    is not `alone` in the folder, the settings must be those of the others. Raises OSError when the folder cannot be
    written to.
    """
    path = folder / MEMORY
    settings = json.loads(json.dumps(settings))  # as they come back: a tuple as a list
    known = _read(path)
    if not alone and (known is None or known["settings"] != settings or overwrite):
        raise SharpError(f"another run with different settings is writing to {folder}; wait until it has finished")
    if known is not None and known["settings"] != settings and not _has_results(folder):
        known = None  # that run wrote no results, so its settings do not matter
    if known is not None and known["settings"] != settings and not overwrite:
        differences = ", ".join(_differences(known["settings"], settings))
        raise SharpError(
            f"{folder} was made with different settings ({differences}); "
            "choose another output folder, or redo everything with --on-existing overwrite"
        )
    if known is None or known["settings"] != settings:
        known = {"made by": f"sharpcli {__version__}", "settings": settings, "redone": known is not None}
        with whole_file(path) as file:
            file.write((json.dumps(known, indent=2) + "\n").encode())
    if is_remote(folder):
        return RememberedAfar(folder, known["redone"])
    # By the clock that dates the results too, which may be another machine's.
    return Remembered(path.stat().st_mtime_ns if known["redone"] else None)


def _has_results(folder: Path) -> bool:
    """Whether there is any file that is neither this memory nor one that nobody finished."""
    names = (
        listed(folder) if is_remote(folder) else (str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    )
    return any(name != MEMORY and not any(part.startswith(PREFIX) for part in PurePath(name).parts) for name in names)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        known = json.loads(path.read_bytes())
        if isinstance(known["settings"], dict) and isinstance(known["redone"], bool):
            return dict(known)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError):
        pass
    raise SharpError(f"{path} is damaged, so the folder's settings are unknown; delete it or choose another folder")


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    keys = [key for key in (*old, *(key for key in new if key not in old)) if old.get(key) != new.get(key)]
    return [f"{key} {_text(old.get(key))}, now {_text(new.get(key))}" for key in keys]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={_text(item)}" for key, item in value.items()) or "none"
    text = "none" if value is None else str(value)
    return text[:12] if len(text) == 64 else text
