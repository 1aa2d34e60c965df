"""Serves the browser edition, which `edge/` is built into: the static page, and what the tab Live imports."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from sharpcli.web.gate.headers import EDGE

FOLDER = Path(__file__).parent / "edge"
"""What `npm run build` in `edge/` writes."""
LIVE = "edge/live.js"
"""The module that the tab Live imports, below the page's address."""
PATH = re.compile(r"/edge(/.*)?")
HEADERS = {
    "content-security-policy": EDGE,
    # Names have no hash, so a browser asks each time whether it has the newest; mostly it has.
    "cache-control": "no-cache",
}
mimetypes.add_type("application/manifest+json", ".webmanifest")


def is_built() -> bool:
    """Whether the browser edition is there; in a source tree it may not have been built."""
    return (FOLDER.parent / LIVE).is_file()


class EdgeFiles:
    """ASGI middleware that answers below /edge and hands all else on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._files = StaticFiles(directory=FOLDER, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, or hand on."""
        found = PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        await (await self._answer(scope, found[1]) if found else self._app)(scope, receive, send)

    async def _answer(self, scope: Scope, path: str | None) -> Response:
        if path is None:  # relative, so that it is right behind a proxy's path too
            return RedirectResponse("edge/")
        inside = {**scope, "path": "/index.html" if path == "/" else path, "root_path": ""}
        try:
            answer = await self._files.get_response(self._files.get_path(inside), inside)
        except (HTTPException, OSError):
            answer = PlainTextResponse("Not found.", 404)
        answer.headers.update(HEADERS)
        return answer
