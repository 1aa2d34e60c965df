"""The ASGI application for a server of one's own: `uvicorn --factory sharpcli.web.app:create`."""

from __future__ import annotations

import atexit
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI

from sharpcli.errors import SharpError
from sharpcli.plugin.enhancer import Option
from sharpcli.web.api.serve import alone
from sharpcli.web.gate.origins import is_local
from sharpcli.web.limits import MEGAPIXELS, UPLOAD, Limits
from sharpcli.web.service import Service, login_of, root_path_of
from sharpcli.web.visitors.files import visits

SETTINGS = (
    Option("page", True, "whether the page is served too"),
    Option("host", "127.0.0.1", "the address that the server listens on"),
    Option("allow_host", "", "further host names to answer to, separated by commas"),
    Option("auth", "", "USER:PASSWORD that is required"),
    Option("max_megapixels", float(MEGAPIXELS), "largest image accepted", 0.1, 268),
    Option("max_upload", UPLOAD // 1_000_000, "largest upload in megabytes", 1),
    Option("root_path", "", "path under which a proxy shows it"),
)
"""Each is an argument of `create`, or else SHARPCLI_ and its name in capitals in the environment."""


def create(**settings: Any) -> FastAPI:
    """The page and the HTTP interface, or with page=False the latter alone; see SETTINGS. Raises SharpError.

    Visitors' files lie in a folder of this process, which is deleted when the server shuts down.
    """
    found = _found(settings)
    names = tuple(name for name in found["allow_host"].replace(",", " ").split())
    shared = not is_local(found["host"]) or bool(names)
    limits = Limits(found["max_megapixels"], found["max_upload"] * 1_000_000, paths=not shared)
    auth = login_of(found["auth"] or None, "SHARPCLI_AUTH")
    root_path = root_path_of(found["root_path"], "SHARPCLI_ROOT_PATH")
    service = Service(found["host"], auth=auth, limits=limits, root_path=root_path, names=names)
    open_until_end = ExitStack()
    atexit.register(open_until_end.close)  # where the server never starts
    place = open_until_end.enter_context(visits())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_until_end:
            yield

    if not found["page"]:
        return alone(service, place, lifespan=lifespan)
    from sharpcli.web.serve import mounted

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    mounted(app, service, place)
    return app


def _found(settings: dict[str, Any]) -> dict[str, Any]:
    if unknown := settings.keys() - {option.name for option in SETTINGS}:
        raise SharpError(f"unknown setting {min(unknown)}; there are {', '.join(option.name for option in SETTINGS)}")
    found = {}
    for option in SETTINGS:
        given = settings.get(option.name)
        if given is None:
            given = os.environ.get(f"SHARPCLI_{option.name.upper()}", option.default)
        found[option.name] = option.parse(given)
        option.check(found[option.name])
    return found
