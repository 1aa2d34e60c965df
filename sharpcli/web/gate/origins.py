"""From where the page may be asked: under its own name, and by itself."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Scope

from sharpcli.web.gate.refused import RequestRefused

LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


def is_local(host: str) -> bool:
    """Whether only this machine reaches what listens on `host`."""
    return bracketed(host) in LOCAL


def bracketed(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def check_host(headers: Headers) -> None:
    """Raise Refused unless this machine is asked as itself: a foreign name that points here is an attack."""
    # Gradio believes the two other headers more than Host.
    claimed = [headers.get("host", "")]
    claimed += [value for name in ("x-forwarded-host", "x-gradio-server") for value in headers.getlist(name)]
    for value in claimed:
        if _name(value) not in LOCAL:
            raise RequestRefused(
                403, "This page answers only to localhost and 127.0.0.1; use --host to open it to others."
            )


def check_origin(scope: Scope, headers: Headers) -> None:
    """Raise Refused for what another site's page sends or embeds; a link to the page is fine."""
    own = {headers.get("host", "").lower(), headers.get("x-forwarded-host", "").split(",")[0].strip().lower()}
    origin = headers.get("origin")
    if origin is not None and origin.lower().partition("://")[2] not in own - {""}:
        raise RequestRefused(403, "Only the page itself may send this request, not a page of another site.")
    # All current browsers send it, for images and frames too, which have no Origin.
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} and not _link(scope, headers):
        raise RequestRefused(403, "Only the page itself may ask for this, not a page of another site.")


def _link(scope: Scope, headers: Headers) -> bool:
    return (
        scope["method"] == "GET"
        and scope["path"] in {"/", ""}
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _name(host: str) -> str:
    """The name in a Host header, or in a URL, without its port."""
    host = host.partition("://")[2].partition("/")[0] or host
    host = host.strip().lower()
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
