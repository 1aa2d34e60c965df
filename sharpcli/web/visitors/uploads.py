"""Where Gradio puts what visitors upload: each file into a folder that nobody can guess."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from gradio import route_utils, routes
from starlette.formparsers import MultiPartException

from sharpcli.web.visitors.files import UPLOADED
from sharpcli.web.visitors.quota import CURRENT, QuotaExceeded


class _Name:
    """Stands where Gradio computes a digest, after which it names the folder."""

    def __init__(self) -> None:
        self.folder = UPLOADED + secrets.token_urlsafe(16)

    def update(self, data: bytes) -> None:
        """The content has no say: whoever has the same image would learn who else uploaded it, and share its file."""

    def hexdigest(self) -> str:
        """The folder's name."""
        return self.folder


class Upload(route_utils.GradioMultiPartParser):
    """Reads an upload; takes nothing but files, for Gradio holds all else in memory, however large."""

    def on_headers_finished(self) -> None:
        """Give the file that begins a folder of its own."""
        super().on_headers_finished()
        file = self._current_part.file
        if not isinstance(file, route_utils.GradioUploadFile):
            raise MultiPartException("Only files can be uploaded.")
        file.sha = _Name()  # type: ignore[assignment]
        self._count(0)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Count what comes of the file before any of it is written."""
        self._count(end - start)
        super().on_part_data(data, start, end)

    def _count(self, size: int) -> None:
        upload, name = CURRENT.get(), getattr(self._current_part.file, "sha", None)
        if upload is None or not isinstance(name, _Name):
            return
        try:
            upload.take(name.folder, size)
        except QuotaExceeded as error:
            raise MultiPartException(str(error)) from error


def keep_below(root: Path) -> None:
    """From now on Gradio keeps all files below `root`, and no two uploads share one."""
    os.environ["GRADIO_TEMP_DIR"] = str(root)
    routes.DEFAULT_TEMP_DIR = str(root)  # type: ignore[attr-defined]  # was read before it could know better
    route_utils.GradioMultiPartParser = Upload  # type: ignore[misc]
