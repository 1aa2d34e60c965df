"""Serves the page until Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

# Before Gradio is imported, which reads them then.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
# A table of all requests so far, which nobody can see, would be made anew after each.
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(2**31)

from gradio import utils

from sharpcli.errors import SharpError
from sharpcli.web.context import Page
from sharpcli.web.gate.gate import gate
from sharpcli.web.gate.origins import bracketed
from sharpcli.web.limits import Limits
from sharpcli.web.listening import check_listening
from sharpcli.web.page import STYLES, build, theme
from sharpcli.web.visitors.files import Visits, visits
from sharpcli.web.visitors.sessions import MAX_SESSIONS
from sharpcli.web.visitors.uploads import keep_below

# Around each call Gradio would import matplotlib, where it is installed, which writes below HOME and runs fc-list.
utils.MatplotlibBackendMananger = nullcontext  # type: ignore[assignment,misc]


@dataclass(frozen=True)
class Service:
    """Where the page listens, for whom, and how large files may be; `port` None takes the first free from 7860 on."""

    host: str = "127.0.0.1"
    port: int | None = None
    auth: tuple[str, str] | None = None
    browser: bool = False
    limits: Limits = field(default_factory=Limits)


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
            _, address, _ = blocks.launch(**_settings(service, found))
        except OSError as error:  # in Gradio's words; somebody was quicker, or none of the ports that it tries is free
            check_listening(service.host, service.port)
            raise SharpError(f"no port from 7860 on is free on {service.host}; choose one with --port") from error
        started(address)
        try:
            _until_ended()
        finally:
            page.runs.close()
            blocks.close(verbose=False)


def _reach_itself(host: str) -> None:
    """Gradio asks its own address whether it is up, and must not ask a proxy that the environment names for it."""
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = ",".join(filter(None, (known, "localhost", "127.0.0.1", "::1", host)))


def _settings(service: Service, found: Visits) -> dict[str, Any]:
    return {
        "server_name": bracketed(service.host),
        "server_port": service.port,
        "auth": service.auth,
        "inbrowser": service.browser,
        "max_file_size": service.limits.upload,
        "prevent_thread_lock": True,
        "quiet": True,
        "share": False,
        "ssr_mode": False,
        "run_history": False,
        "enable_monitoring": False,
        "mcp_server": False,
        "pwa": False,
        "num_workers": 0,
        "state_session_capacity": MAX_SESSIONS,
        "footer_links": ["api", "settings"],
        "theme": theme(),
        "css_paths": STYLES,
        "app_kwargs": {"middleware": gate(service.host, service.limits.upload, found)},
    }


def _until_ended() -> None:
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    while not over.wait(1):  # in steps, for Windows hears no Ctrl-C meanwhile
        continue
