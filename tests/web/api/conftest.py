"""A server for programs in a thread of the tests, so that what waits and what is left can be seen."""

import threading
from contextlib import contextmanager

import pytest
import uvicorn

from sharpcli.plugin import Enhancer
from sharpcli.plugin.registry import Found, load_registry
from sharpcli.plugin.sources import Origin
from sharpcli.web.api.serve import alone
from sharpcli.web.limits import Limits
from sharpcli.web.service import Service
from sharpcli.web.visitors.files import Visits

UPLOAD = 300_000


@contextmanager
def serving(root, **settings):
    """The address of a server whose visitors' files lie in `root`."""
    limits = settings.pop("limits", Limits(0.2, UPLOAD))
    app = alone(Service(limits=limits, **settings), Visits(root))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    running = threading.Thread(target=server.run)
    running.start()
    while not server.started:
        running.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    running.join()


@pytest.fixture(scope="session")
def files_root(tmp_path_factory):
    """Where the shared server keeps the files of its visitors."""
    return tmp_path_factory.mktemp("visitors")


@pytest.fixture(scope="session")
def api_url(files_root):
    """The address of a server that all tests share; it accepts a fifth of a megapixel, and 300 kB."""
    with serving(files_root) as address:
        yield address


class Waits(Enhancer):
    """Is at work until it is told to end; `busy` says that it is."""

    name, summary = "waits", "waits"
    busy, go = threading.Semaphore(0), threading.Semaphore(0)

    def enhance(self, pixels):
        self.busy.release()
        assert self.go.acquire(timeout=60)
        return pixels


@pytest.fixture
def waits(monkeypatch):
    """The enhancer that waits, installed."""
    monkeypatch.setitem(load_registry().found, "waits", Found(Waits, Origin("waits")))
    return Waits
