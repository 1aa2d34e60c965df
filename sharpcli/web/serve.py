"""Serves the page until Ctrl-C."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

# Before Gradio is imported, which reads them then.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
# A table of all requests so far, which nobody can see, would be made anew after each.
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(2**31)

import gradio as gr
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from gradio import http_server, queueing, utils
from starlette.middleware import Middleware
from uvicorn import Config

from sharpcli.errors import SharpError
from sharpcli.web.api.app import Programs, programs
from sharpcli.web.context import Page
from sharpcli.web.edge_files import EdgeFiles
from sharpcli.web.gate.connections import protect
from sharpcli.web.gate.gate import gate_of
from sharpcli.web.gate.log import SparingTraceback
from sharpcli.web.gate.login import OF_ADDRESS
from sharpcli.web.gate.origins import bracketed
from sharpcli.web.gate.refused import invalid
from sharpcli.web.listening import check_listening, until_ended
from sharpcli.web.page import build
from sharpcli.web.service import Service
from sharpcli.web.theme import ACCESSIBLE, HEAD, ICON, STYLES, theme
from sharpcli.web.visitors.files import Visits, visits
from sharpcli.web.visitors.sessions import MAX_SESSIONS
from sharpcli.web.visitors.uploads import keep_below
from sharpcli.web.words.deliver import InLanguage
from sharpcli.web.words.say import building, say

# Around each call Gradio would import matplotlib, where it is installed, which writes below HOME and runs fc-list.
utils.MatplotlibBackendMananger = nullcontext  # type: ignore[assignment,misc]


class Server(http_server.Server):
    """Gradio's server, with our limits for connections."""

    def __init__(self, config: Config, *rest: Any, **more: Any) -> None:
        super().__init__(protect(config), *rest, **more)


http_server.Server = Server  # type: ignore[misc]
# It prints each error of a request, with all that was sent.
queueing.traceback = SparingTraceback  # type: ignore[attr-defined, assignment]


def serve(service: Service, started: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM, then delete all visitors' files; calls `started` with the page's address.

    Raises SharpError when the port is taken.
    """
    check_listening(service.host, service.port)  # before the page is built, which takes a while
    with visits() as found:
        keep_below(found.root)
        _reach_itself(service.host)
        page = Page(found, service.limits)
        blocks = build(page)
        try:
            _, address, _ = blocks.launch(**_settings(service, page))
        except OSError as error:  # in Gradio's words; somebody was quicker, or none of the ports that it tries is free
            check_listening(service.host, service.port)
            raise SharpError(f"no port from 7860 on is free on {service.host}; choose one with --port") from error
        started(address)
        try:
            until_ended()
        finally:
            page.runs.close()
            blocks.close(verbose=False)


def _reach_itself(host: str) -> None:
    """Gradio asks its own address whether it is up, and must not ask a proxy that the environment names for it."""
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = ",".join(filter(None, (known, "localhost", "127.0.0.1", "::1", host)))


def mounted(app: FastAPI, service: Service, found: Visits) -> None:
    """Add the page to an application that a server of somebody else's runs."""
    keep_below(found.root)
    page = Page(found, service.limits)
    blocks = build(page)
    gr.mount_gradio_app(app, blocks, "/", **_shared(service, page))
    blocks.state_session_capacity = MAX_SESSIONS
    # As after launch(): from now on Gradio looks whether a file that a request names was uploaded.
    blocks.has_launched = True


def _settings(service: Service, page: Page) -> dict[str, Any]:
    return _shared(service, page) | {
        "server_name": bracketed(service.host),
        "server_port": service.port,
        "inbrowser": service.browser,
        "prevent_thread_lock": True,
        "quiet": True,
        "share": False,
        "num_workers": 0,
        "state_session_capacity": MAX_SESSIONS,
    }


def _shared(service: Service, page: Page) -> dict[str, Any]:
    """What holds whoever runs the server."""
    with building():
        waiting = say("After {most} wrong passwords in a row there is a wait before the next one.", most=OF_ADDRESS[0])
    answering = Middleware(Programs, programs=programs(service, page.visits, runs=page.runs))
    return {
        "auth": service.auth,
        "max_file_size": service.limits.upload,
        "root_path": service.root_path,
        "ssr_mode": False,
        "run_history": False,
        "enable_monitoring": False,
        "mcp_server": False,
        "pwa": True,
        "favicon_path": ICON,
        "footer_links": ["api", "settings"],
        "theme": theme(),
        "css_paths": STYLES,
        "auth_message": waiting,
        "js": ACCESSIBLE,
        "head": HEAD,
        "app_kwargs": {
            "middleware": [*gate_of(service, page.visits), answering, Middleware(EdgeFiles), Middleware(InLanguage)],
            "exception_handlers": {RequestValidationError: invalid},
        },
    }
