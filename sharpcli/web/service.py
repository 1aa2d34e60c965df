"""What whoever serves has set: where to listen, for whom, and how large files may be."""

from __future__ import annotations

from dataclasses import dataclass, field

from sharpcli.errors import SharpError
from sharpcli.web.limits import Limits


@dataclass(frozen=True)
class Service:
    """Where the server listens, for whom, and how large files may be; `port` None takes the first free from 7860 on.

    `root_path` is the path under which a proxy shows it, such as /sharp; `names` are further ones that it is asked
    under, such as a proxy's.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    auth: tuple[str, str] | None = None
    browser: bool = False
    limits: Limits = field(default_factory=Limits)
    root_path: str = ""
    names: tuple[str, ...] = ()


def login_of(text: str | None, name: str) -> tuple[str, str] | None:
    """USER:PASSWORD as two; raises SharpError, which calls the setting by its `name`."""
    if text is None:
        return None
    user, _, password = text.partition(":")
    if not (user and password):
        raise SharpError(f"{name} must be USER:PASSWORD, both non-empty")
    return user, password


def root_path_of(text: str, name: str) -> str:
    """A path that a proxy puts before ours, without its last slash; raises SharpError."""
    path = text.rstrip("/")
    if path and (not path.startswith("/") or "//" in path or not path.isprintable() or set(path) & set("?# ")):
        raise SharpError(f"{name} must be a path such as /sharp, not {text!r}")
    return path
