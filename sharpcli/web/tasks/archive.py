"""Uploaded files and zip archives become a folder of images, and a folder of results becomes a zip archive."""

from __future__ import annotations

import errno
import os
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sharpcli.errors import ImageError, SharpError
from sharpcli.files.archives import DAMAGED, ArchiveRefused, is_image, is_zip, opened, place
from sharpcli.files.atomic import whole_file
from sharpcli.files.names import folded
from sharpcli.files.paths import first_bytes
from sharpcli.files.walk import Unreadable, passed_over
from sharpcli.web.words.say import say

CHUNK = 1 << 20
SPARE = 100_000_000
"""Bytes of the disk that stay free."""
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Most:
    """How many files the archives of one batch may have together, and how many bytes those, unpacked."""

    files: int = 10_000
    unpacked: int = 4_000_000_000


def take_over(uploads: Sequence[Path], folder: Path) -> list[Path]:
    """The uploads once more below an empty folder, where they stay when those of a visit are deleted.

    Raises SharpError when some are deleted already, or the disk is full.
    """
    taken = []
    for number, upload in enumerate(dict.fromkeys(uploads)):
        taken.append(folder / str(number) / upload.name)
        taken[-1].parent.mkdir(parents=True)
        try:
            link(upload, taken[-1])
        except FileNotFoundError as error:
            raise SharpError(
                say("some uploads have been deleted after an hour without use; upload them again")
            ) from error
        except OSError as error:
            raise SharpError(say("the uploads cannot be copied ({reason})", reason=error.strerror or error)) from error
    return taken


def gather(uploads: Sequence[Path], folder: Path, most: Most | None = None) -> list[Unreadable]:
    """Put uploaded images, and those of uploaded zip archives, into an empty folder; what was left out, and why.

    No two share a name, and the folders of archives are kept. Passed over are, as in any folder, hidden and system
    entries and, within archives, files that are no images. Raises SharpError when the disk is full.
    """
    gathering = _Gathering(folder, most or Most())
    for upload in dict.fromkeys(uploads):
        gathering.take(upload, alone=len(uploads) == 1)
    return gathering.left_out


def pack(results: Path, reports: Sequence[Path], target: Path) -> None:
    """Write a zip archive of a folder of results, under that folder's name, and of reports; raises SharpError."""
    try:
        with whole_file(target) as file, zipfile.ZipFile(file, "w") as archive:
            for path in sorted(results.rglob("*")):
                if path.is_file() and not passed_over(path.name):
                    archive.write(path, path.relative_to(results.parent).as_posix())
            for report in reports:
                archive.write(report, report.name, zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise SharpError(
            say("the zip archive of results cannot be written ({reason})", reason=error.strerror or error)
        ) from error


class _Gathering:
    def __init__(self, folder: Path, most: Most) -> None:
        self.left_out: list[Unreadable] = []
        self._folder = folder
        self._files, self._room = most.files, most.unpacked
        self._asked: Counter[str] = Counter()
        self._taken: set[str] = set()

    def take(self, upload: Path, alone: bool) -> None:
        """An image, or an archive, whose images get a folder of its name unless nothing else was uploaded."""
        name = PurePosixPath(upload.name)
        if passed_over(upload.name):
            return
        with self._leaving_out(upload.name, ArchiveRefused):
            if is_zip(name):
                self._unpack(upload, PurePosixPath() if alone else self._free(name.with_suffix("")))
            elif is_image(upload.name, lambda: first_bytes(upload)):
                link(upload, self._folder / self._free(name))
            else:
                raise ImageError(say("is neither an image nor a zip archive"))

    def _unpack(self, upload: Path, into: PurePosixPath) -> None:
        made: list[Path] = []
        with opened(upload, self._files) as archive:
            members, room = archive.infolist(), self._room
            try:
                for member in members:
                    with self._leaving_out(f"{into}/{member.filename}"):
                        if found := place(member, archive):
                            path = self._folder / self._free(into / found)
                            self._write(archive, member, path)
                            made.append(path)
            except ArchiveRefused:
                self._room = room
                for path in made:
                    path.unlink()
                raise
            self._files -= len(members)

    def _write(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("xb")
        try:
            with file, archive.open(member) as source:
                while chunk := source.read(CHUNK):
                    self._room -= len(chunk)
                    if shutil.disk_usage(self._folder).free < SPARE:
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    if self._room < 0:  # counted, since what an archive says of itself need not be true
                        raise ArchiveRefused(say("is too large once unpacked; upload it in parts"))
                    file.write(chunk)
        except BaseException:
            path.unlink()
            raise

    def _free(self, wanted: PurePosixPath) -> PurePosixPath:
        """The path, numbered if it is taken, also on a file system that ignores letter case."""
        key = folded(str(wanted))
        while True:
            self._asked[key] += 1
            number = self._asked[key]
            found = wanted if number == 1 else wanted.with_stem(f"{wanted.stem}-{number}")
            if folded(str(found)) not in self._taken:
                self._taken |= {folded(str(path)) for path in (found, *found.parents)}
                return found

    @contextmanager
    def _leaving_out(self, name: str, refused: type[SharpError] = ImageError) -> Iterator[None]:
        """Note what cannot be taken, and go on."""
        try:
            yield
            return
        except (ImageError, refused) as error:
            reason = str(error)
        except DAMAGED:
            reason = say("is damaged or compressed with an unsupported method")
        except OSError as error:
            if error.errno in FULL:
                raise SharpError(say("not enough disk space for these images; try fewer")) from error
            reason = say("cannot be unpacked ({reason})", reason=error.strerror or error)
        self.left_out.append((Path(f"{self._folder}/{name}"), reason))


def link(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where it must be; raises OSError."""
    try:
        target.hardlink_to(source)
    except OSError:  # another disk, or one that has no links
        shutil.copyfile(source, target)
