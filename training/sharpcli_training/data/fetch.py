"""Fetches a data set: its archives from where they are published, and the images out of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli_training.data.download import Archive, ReportBytes, download, part_of, size
from sharpcli_training.data.unpack import need_room, unpack
from sharpcli_training.settings import read_settings

MB = 1_000_000

Watch = Callable[[str], tuple[AbstractContextManager[Any], ReportBytes]]
"""Starts a progress bar of that description."""


@dataclass(frozen=True)
class Dataset:
    """Archives published below one address, and the terms in which they may be used."""

    title: str
    address: str
    terms: str
    archives: tuple[Archive, ...]


def load_dataset(name: str) -> Dataset:
    """The data set of that name in the package, or of that TOML file; raises SharpError for what it cannot use."""
    settings = read_settings("data/datasets", "data set", name)
    try:
        archives = [
            Archive(str(entry["name"]), int(entry["bytes"]), str(entry["sha256"]), bool(entry.get("validation", False)))
            for entry in settings["archives"]
        ]
        title, address, terms = (str(settings[key]) for key in ("title", "address", "terms"))
    except KeyError as error:
        raise SharpError(f"the data set {name} lacks {error.args[0]!r}") from error
    except (TypeError, ValueError) as error:
        raise SharpError(f"the data set {name} is not written as it should be: {error}") from error
    for archive in archives:
        if PurePosixPath(archive.name).name != archive.name or PurePosixPath(archive.name).suffix != ".zip":
            raise SharpError(f"the data set {name} names an archive {archive.name!r}; it must be a file name in .zip")
    return Dataset(title, address, terms, tuple(archives))


def fetch(
    dataset: Dataset,
    out: Path,
    watch: Watch,
    *,
    validation: bool = False,
    mirror: str | None = None,
    delete_archives: bool = False,
    pause: float = 1.0,
) -> dict[Path, int]:
    """Have the data set's images below `out`; returns the folders they are in and how many there are in each.

    What is there already is neither fetched nor unpacked again. `mirror` replaces the data set's address; `pause` is
    the wait in seconds after a first failure. Raises SharpError.
    """
    chosen = [archive for archive in dataset.archives if validation or not archive.validation]
    address = mirror or dataset.address
    folders: Counter[Path] = Counter()
    try:
        out.mkdir(parents=True, exist_ok=True)
        need_room(out, sum(_room(archive, out) for archive in chosen))
        for archive in chosen:
            images = _images_there(archive, out) or _bring(archive, address, out, watch, pause)
            folders.update((out / name).parent for name in images)
            if delete_archives and size(out / archive.name) == archive.bytes:
                (out / archive.name).unlink()
    except OSError as error:
        place = error.filename or out
        raise SharpError(f"{place}: {error.strerror}; the folder must be one that can be written") from error
    return dict(folders)


def _bring(archive: Archive, address: str, out: Path, watch: Watch, pause: float) -> dict[str, int]:
    bar, report = watch(f"{archive.name}, MB")
    with bar:
        path = download(archive, address, out, lambda done, total: report(done // MB, total // MB), pause)
    bar, report = watch("images")
    with bar:
        images = unpack(path, out, report)
    with whole_file(_record(archive, out)) as file:
        file.write(json.dumps({"sha256": archive.sha256, "images": images}, indent=1).encode())
    return images


def _room(archive: Archive, out: Path) -> int:
    """Bytes that an archive and its images still need; photographs hardly shrink in a zip, so both count alike."""
    target = out / archive.name
    if target.exists() or _images_there(archive, out):
        return 0  # unpacking knows what it needs to the byte
    return 2 * archive.bytes - size(part_of(target))


def _record(archive: Archive, out: Path) -> Path:
    """The list of what was unpacked: how a later run knows it, with the archive deleted."""
    return out / f"{archive.name}.unpacked.json"


def _images_there(archive: Archive, out: Path) -> dict[str, int] | None:
    """Names and sizes of the archive's images if it was unpacked here and all of them are still whole."""
    try:
        record = json.loads(_record(archive, out).read_text())
        images: dict[str, int] = record["images"]
        if record["sha256"] == archive.sha256 and all(size(out / name) == bytes for name, bytes in images.items()):
            return images
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return None
