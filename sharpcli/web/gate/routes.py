"""What of Gradio can be reached: what the page and gradio_client use, and nothing else."""

from __future__ import annotations

import re

from starlette.types import Scope

from sharpcli.web.gate.refused import PROGRAMS, RequestRefused

ID = r"[A-Za-z0-9_-]{1,64}"
"""Of a session, an event or an upload; such a name can serve as no path."""
UPLOAD = "/gradio_api/upload"
FILE_ROUTE = "/gradio_api/file="

READ = re.compile(
    rf"""/
    | /config/? | /theme\.css | /favicon\.ico | /robots\.txt | /manifest\.json | /pwa_icon/(192|512) | /logout
    | /static/.+ | /assets/.+ | /edge(/.*)?
    | /gradio_api/(
        info/? | app_id/? | startup-events | theme\.css
        | heartbeat/{ID} | queue/data | upload_progress
        | call/(v2/)?{ID}/{ID}
        | file=.+
    )""",
    re.VERBOSE,
)
SENT = re.compile(
    rf"""/login/?
    | /gradio_api/(
        upload | queue/join | component_server/? | cancel | reset/?
        | call/(v2/)?{ID}/? | run/{ID}/?
    )""",
    re.VERBOSE,
)
PUBLIC = re.compile(
    r"""/ | /login/? | /logout | /theme\.css | /favicon\.ico | /robots\.txt | /manifest\.json | /static/.+ | /assets/.+
    | /gradio_api/(app_id/? | startup-events | theme\.css)""",
    re.VERBOSE,
)
"""What is needed before a login: to see the form, and for Gradio to start."""
SMALL = re.compile(r"/gradio_api/(cancel|reset/?)|/login/?")
JSON_BYTES, SMALL_BYTES = 4_000_000, 4000
"""Bytes that a request may have which is no upload. The largest is a camera's frame; a login or a name needs few."""
HEARTBEAT = "/gradio_api/heartbeat/"
UPLOADS = {UPLOAD, "/api/enhance", "/api/score"}
"""What takes files, whose bytes are counted as they come."""
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|[\\/]{2}")
"""How a URL of any scheme begins, and a path to another machine; not a drive's letter."""


def is_address(text: str) -> bool:
    """Whether a text names something elsewhere, rather than a file of this machine."""
    return ADDRESS.match(text) is not None


def check_route(scope: Scope, path: str) -> None:
    """Raise Refused for what the page has no use for."""
    if PROGRAMS.fullmatch(path):
        return
    known = {"GET": READ, "HEAD": READ, "POST": SENT}.get(scope["method"])
    if known is None or known.fullmatch(path) is None:
        raise RequestRefused(404, "Not found.")
    if path.startswith(FILE_ROUTE) and is_address(path.removeprefix(FILE_ROUTE)):
        raise RequestRefused(403, "This page does not fetch URLs.")


def is_public(path: str) -> bool:
    """Whether a route is open to those who have not logged in."""
    return PUBLIC.fullmatch(path) is not None


def most_bytes(path: str) -> int:
    """How many bytes may be sent to a route that takes no upload."""
    return SMALL_BYTES if SMALL.fullmatch(path) else JSON_BYTES
