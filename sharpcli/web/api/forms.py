"""Forms with files, written to a folder while they arrive."""

from __future__ import annotations

import errno
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from sharpcli.files.names import shortened
from sharpcli.web.gate.bodies import UploadTooLarge
from sharpcli.web.gate.refused import RequestRefused
from sharpcli.web.visitors.quota import CURRENT, QuotaExceeded

FULL = (errno.ENOSPC, errno.EDQUOT)
FIELDS, FIELD = 100, 4096
"""Most fields that are no files, and most bytes of one."""
LONGEST = 150
"""Bytes of a file's name; what is longer is cut."""
NOT_IN_NAMES = set('/\\:*?"<>|')


@dataclass(frozen=True)
class Form:
    """What a client sent: the files by the names of their fields, and the other fields' texts."""

    files: dict[str, Path]
    fields: dict[str, list[str]]


async def received(request: Request, folder: Path, files: Sequence[str]) -> Form:
    """A form whose `files` lie in a folder, each in one of its own, called as the client called it.

    Raises RequestRefused: 400 for what is no form, 413 for too many bytes, 415 for another kind of body, 507 for a
    full disk.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise RequestRefused(415, f"Send a form (multipart/form-data), such as curl -F {files[0]}=@photo.jpg.")
    try:
        async with aclosing(request.stream()) as stream:
            reader = _Reader(request.headers, stream, folder, files)
            parsed = await reader.parse()
            await parsed.close()
    except UploadTooLarge as error:
        raise RequestRefused(413, error.message) from error
    except QuotaExceeded as error:
        raise RequestRefused(413, str(error)) from error
    except MultiPartException as error:
        raise RequestRefused(400, error.message) from error
    except OSError as error:
        if error.errno in FULL:
            raise RequestRefused(507, "Not enough disk space for more uploads; try again later.") from error
        raise
    texts: dict[str, list[str]] = {}
    for name, value in parsed.multi_items():
        if isinstance(value, str):
            texts.setdefault(name, []).append(value)
    return Form(reader.paths, texts)


class _Reader(MultiPartParser):
    """Starlette's parser, with files under their names where it has temporary ones."""

    def __init__(
        self, headers: Headers, stream: AsyncGenerator[bytes, None], folder: Path, files: Sequence[str]
    ) -> None:
        super().__init__(headers, stream, max_files=len(files), max_fields=FIELDS, max_part_size=FIELD)
        self.paths: dict[str, Path] = {}
        self._folder = folder
        self._names = files

    def on_headers_finished(self) -> None:
        """Open the file that begins."""
        super().on_headers_finished()
        name, upload = self._current_part.field_name, self._current_part.file
        if upload is None:
            if name in self._names:
                raise MultiPartException(f"{name.capitalize()} must be a file, such as curl -F {name}=@photo.jpg.")
            return
        if name not in self._names:
            raise MultiPartException(f"Only {' and '.join(self._names)} can be files.")
        if name in self.paths:
            raise MultiPartException(f"{name.capitalize()} was sent twice; send one image a request.")
        place = self._folder / name
        place.mkdir()
        self.paths[name] = place / safe_name(upload.filename or "", name)
        upload.file.close()
        opened = self.paths[name].open("w+b")
        self._files_to_close_on_error.append(opened)  # type: ignore[arg-type]
        upload.file = cast(BinaryIO, opened)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Count what comes of a file before any of it is written."""
        upload = CURRENT.get()
        if upload is not None and self._current_part.file is not None:
            upload.take(self._folder.name, end - start)
        super().on_part_data(data, start, end)


def safe_name(given: str, otherwise: str) -> str:
    """A file's name as the client gives it, without folders, signs that no name may have, and excess length."""
    name = given.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if c.isprintable() and c not in NOT_IN_NAMES).strip(" .")
    if not name or name == "-":  # curl -F image=@- sends standard input
        return otherwise
    if len(name.encode()) <= LONGEST:
        return name
    path = Path(name)
    ending = path.suffix if len(path.suffix) < 10 else ""
    return shortened(path.stem, ending, LONGEST, "cut")
