"""Unpacks the images of a zip file, each whole or not at all, and goes on where it was interrupted."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli.files.archives import DAMAGED, ArchiveRefused, opened, stays_inside
from sharpcli.files.atomic import remove_leftovers, whole_file
from sharpcli.files.formats import FORMATS
from sharpcli_training.data.download import ReportBytes

BLOCK = 1 << 20
MAX_MEMBERS = 1_000_000
"""Members that an archive of a data set may have."""


def unpack(path: Path, folder: Path, report: ReportBytes) -> dict[str, int]:
    """Write the images of the zip file `path` below `folder`; returns their names in it and sizes in bytes.

    An image that is there with the right size is left as it is; another file of its name is never overwritten.
    `report` counts images. Raises SharpError, and OSError when `folder` cannot be written.
    """
    try:
        with opened(path, MAX_MEMBERS) as archive:
            members = _images(archive, path)
            missing = [member for member in members if not _is_there(folder / member.filename, member.file_size)]
            for place in {(folder / member.filename).parent for member in members}:
                remove_leftovers(place)
            need_room(folder, sum(member.file_size for member in missing))
            report(len(members) - len(missing), len(members))
            for done, member in enumerate(missing, len(members) - len(missing) + 1):
                with archive.open(member) as source, whole_file(folder / member.filename) as file:
                    shutil.copyfileobj(source, file, BLOCK)
                report(done, len(members))
    except ArchiveRefused as error:
        raise SharpError(f"{path} {error}") from error
    except DAMAGED as error:
        raise SharpError(f"{path} cannot be unpacked ({error}); give a whole zip file without password") from error
    return {member.filename: member.file_size for member in members}


def need_room(folder: Path, needed: int) -> None:
    """Raise SharpError unless the disk of `folder` has so many bytes free."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise SharpError(
            f"{folder} needs {needed / 1e9:.1f} GB free and has {free / 1e9:.1f} GB; make room or choose another folder"
        )


def _images(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    names = archive.namelist()
    if astray := [name for name in names if not stays_inside(name)]:
        raise SharpError(f"{path} would write outside its folder ({astray[0]!r}); do not trust it, fetch another")
    members = [info for info in archive.infolist() if Path(info.filename).suffix.lower().lstrip(".") in FORMATS]
    if not members:
        raise SharpError(f"{path} holds no images; give an archive of images")
    return members


def _is_there(target: Path, size: int) -> bool:
    if not target.exists():
        return False
    if not target.is_file() or target.stat().st_size != size:
        raise SharpError(f"{target} is another file than the archive's; move it away and run this again")
    return True
