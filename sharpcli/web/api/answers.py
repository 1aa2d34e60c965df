"""What is sent back: the file with a record of how it was made in the headers, or what was wrong as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from sharpcli.files.formats import HEAD, format_of
from sharpcli.files.paths import first_bytes

MEDIA = {
    "AVIF": "image/avif",
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
}
NOTES = 1000
"""Characters of the notes in a header: proxies refuse answers whose headers have more than some kilobytes."""
READABLE = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


class Handed(FileResponse):
    """A file, and what is to be done once it is sent, or the client gone."""

    def __init__(self, file: Path, record: dict[str, Any], sent: Callable[[], None]) -> None:
        format = format_of(first_bytes(file)[:HEAD])
        media = MEDIA[format.name] if format else "application/octet-stream"
        super().__init__(file, headers=headers(record), media_type=media, filename=file.name)
        del self.headers["accept-ranges"]
        self._sent = sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, all of it: it is made for one answer."""
        scope = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"range"]}
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._sent()


def headers(record: dict[str, Any]) -> dict[str, str]:
    """The record of an enhancement; what is not ASCII in a note is percent-encoded UTF-8."""
    found = {
        "X-Sharpcli-Milliseconds": f"{record['milliseconds']:g}",
        "X-Sharpcli-Size": "x".join(map(str, record["size"])),
        "X-Sharpcli-Out-Size": "x".join(map(str, record["out_size"])),
        "X-Sharpcli-Settings": json.dumps(record["settings"]),
        "Cache-Control": "no-store",
    }
    if notes := record["notes"]:
        found["X-Sharpcli-Notes"] = quote(notes[:NOTES], safe=READABLE)
    return found
