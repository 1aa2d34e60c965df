"""Zip archives from strangers, read so that they can do no harm."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from sharpcli.errors import ImageError, SharpError
from sharpcli.files.formats import HEAD, ending_of
from sharpcli.files.unsupported import called_an_image, looks_like_an_image
from sharpcli.files.walk import passed_over

DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError)
"""What zipfile raises on archives that are damaged, or made in a way it does not know."""
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Other ways of packing are rare, and zipfile unpacks them in steps of any size: a few bytes could fill the memory."""
ENCRYPTED = 1
LIST = 1 << 22
"""Bytes that an archive's list of files may have: it is read at once, before anybody can count them."""


class ArchiveRefused(SharpError):
    """An archive of which nothing is taken."""


class _Careful(io.BufferedReader):
    """A file that is never read by much at once, whatever the archive in it asks for."""

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` bytes; raises Refused."""
        if size is not None and size > LIST:
            raise ArchiveRefused("has too many files; upload it in parts")
        return super().read(size)


@contextmanager
def opened(path: Path, most: int) -> Iterator[zipfile.ZipFile]:
    """An archive of at most so many members, none encrypted; raises Refused, OSError and what is DAMAGED."""
    with _Careful(io.FileIO(path)) as file:
        try:
            archive = zipfile.ZipFile(file, metadata_encoding="utf-8")
        except UnicodeDecodeError:  # its names are from before everybody wrote UTF-8
            archive = zipfile.ZipFile(file)
        with archive:
            members = archive.infolist()
            if len(members) > most:
                raise ArchiveRefused("has too many files; upload it in parts")
            if any(member.flag_bits & ENCRYPTED for member in members):
                raise ArchiveRefused("is protected by a password; unpack it first")
            yield archive


def place(member: zipfile.ZipInfo, archive: zipfile.ZipFile) -> PurePosixPath | None:
    """Where an image lies in its archive, None for what is passed over.

    Raises ImageError for what is refused, and what is DAMAGED where only the bytes of a damaged member would tell.
    """
    name = member.filename.replace("\\", "/")
    path = PurePosixPath(name)
    nested = is_zip(path)
    hidden = any(passed_over(part) for part in path.parts if part != "..")
    if name.endswith("/") or hidden:
        return None
    readable = stat.S_IFMT(member.external_attr >> 16) in (0, stat.S_IFREG) and member.compress_type in READABLE
    if not nested and not is_image(name, lambda: _head(archive, member) if readable else b""):
        return None
    if nested:
        raise ImageError("is an archive inside an archive; upload it separately")
    if not stays_inside(name):
        raise ImageError("has a path outside the archive's folder")
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise ImageError("is a link or a device, not a file")
    if member.compress_type not in READABLE:
        raise ImageError("uses an unsupported compression method; create an ordinary zip archive")
    return path


def _head(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        return file.read(HEAD)


def stays_inside(name: str) -> bool:
    """Whether a member's name is a plain relative path, on whichever system it was made and is unpacked."""
    path = PurePosixPath(name.replace("\\", "/"))
    return not (path.is_absolute() or ".." in path.parts or PureWindowsPath(name).drive)


def is_zip(path: PurePosixPath) -> bool:
    """Whether a file is called so."""
    return path.suffix.lower() == ".zip"


def is_image(name: str, head: Callable[[], bytes]) -> bool:
    """Whether a file is called as images are or, by its first bytes, is one, be it of a kind that is read or not."""
    return called_an_image(ending_of(PurePosixPath(name))) or looks_like_an_image(head())
