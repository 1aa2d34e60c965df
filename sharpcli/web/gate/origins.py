"""From where the page may be asked: under its own name, and by itself."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

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


class Names:
    """The names under which the page answers: a foreign one that points here is an attack (DNS rebinding).

    That needs a name, so a page that is open to others answers to any of its addresses, written in numbers.
    """

    def __init__(self, local: bool, allowed: Iterable[str] = ()) -> None:
        """`allowed` are names that the operator has given; a page that is not `local` also has the machine's own."""
        self._local = local
        self._names = {*LOCAL, *(_name(name) for name in allowed)}
        if not local:
            own = socket.gethostname().lower()
            self._names |= {own, own.partition(".")[0], f"{own.partition('.')[0]}.local"}

    def check(self, headers: Headers) -> None:
        """Raise RequestRefused unless the page is asked under one of its names."""
        # Gradio believes the two other headers more than Host.
        claimed = [headers.get("host", "")]
        for name in ("x-forwarded-host", "x-gradio-server"):
            claimed += [one for value in headers.getlist(name) for one in value.split(",")]
        for value in claimed:
            name = _name(value)
            if name not in self._names and (self._local or not _is_address(name)):
                raise RequestRefused(
                    403,
                    f"This page does not answer to the name {name[:100]!r}; its operator can add it with --allow-host.",
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


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
