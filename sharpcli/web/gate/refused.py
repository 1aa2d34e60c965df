"""How a request that is not let in is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

if TYPE_CHECKING:
    from fastapi.exceptions import RequestValidationError

PROGRAMS = re.compile(r"/api/.*|/openapi\.json")
"""What `sharpcli.web.api` answers, which knows its own routes, and says what is wrong as JSON."""
TOLD = 5
"""Mistakes of a request that an answer names."""


class RequestRefused(Exception):
    """A request that is turned away, with the status, the sentence and further headers of the answer."""

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = dict(headers)

    def answer(self, path: str) -> Response:
        """Worded for whom it is for: the page and gradio_client show `detail`, an upload shows the text as it is."""
        if PROGRAMS.fullmatch(path):
            return JSONResponse({"error": self.sentence}, self.status, self.headers)
        if self.status == 422:
            # The one form that gradio_client tells its user; any other status becomes "Client error" there.
            problem = {"__type__": "validate", "is_valid": False, "parameter_name": "input", "message": self.sentence}
            return JSONResponse({"detail": [problem]}, self.status)
        if path.startswith("/gradio_api/") and path != "/gradio_api/upload":
            return JSONResponse({"detail": self.sentence, "error": self.sentence}, self.status, self.headers)
        return PlainTextResponse(self.sentence, self.status, self.headers)


async def invalid(request: Request, error: RequestValidationError) -> Response:
    """FastAPI's answer to a request of another form than the route has, without what was sent."""
    told = [
        {"loc": [str(part)[:40] for part in one["loc"][:4]], "msg": str(one["msg"])[:200], "type": one["type"]}
        for one in error.errors()[:TOLD]
    ]
    return JSONResponse({"detail": told}, 422)
