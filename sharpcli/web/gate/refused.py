"""How a request that is not let in is answered."""

from __future__ import annotations

import re

from starlette.responses import JSONResponse, PlainTextResponse, Response

PROGRAMS = re.compile(r"/api/.*|/openapi\.json")
"""What `sharpcli.web.api` answers, which knows its own routes, and says what is wrong as JSON."""


class RequestRefused(Exception):
    """A request that is turned away, with the status, the sentence and further headers of the answer."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers

    def answer(self, path: str) -> Response:
        """Worded for whom it is for: the page and gradio_client show `detail`, an upload shows the text as it is."""
        if PROGRAMS.fullmatch(path):
            return JSONResponse({"error": self.sentence}, self.status, self.headers)
        if self.status == 422:
            # The one form that gradio_client tells its user; any other status becomes "Client error" there.
            problem = {"__type__": "validate", "is_valid": False, "parameter_name": "input", "message": self.sentence}
            return JSONResponse({"detail": [problem]}, self.status)
        if path.startswith("/gradio_api/") and path != "/gradio_api/upload":
            return JSONResponse({"detail": self.sentence, "error": self.sentence}, self.status)
        return PlainTextResponse(self.sentence, self.status)
