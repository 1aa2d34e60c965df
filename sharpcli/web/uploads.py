"""Uploads, each in a folder that nobody can guess."""

from __future__ import annotations

import secrets

from gradio import route_utils
from starlette.formparsers import MultiPartException


class Upload(route_utils.GradioMultiPartParser):
    """Gradio names an upload's folder after its content, so that whoever has a picture learns who else uploaded it."""

    def on_headers_finished(self) -> None:
        """Give the file's folder a name of its own; refuse what is no file, which Gradio would hold in memory."""
        super().on_headers_finished()
        file = self._current_part.file
        if not isinstance(file, route_utils.GradioUploadFile):
            raise MultiPartException("Only files can be uploaded.")
        file.sha.update(secrets.token_bytes(32))


def keep_apart() -> None:
    """From now on, no two uploads share a folder, not even of the same picture."""
    route_utils.GradioMultiPartParser = Upload  # type: ignore[misc]
