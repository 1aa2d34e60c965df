"""A page of `edge/tests/pages` in Chromium, with networks and pictures beside it."""

import shutil
import subprocess
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from tests.helpers.driver import driver
from tests.web.conftest import FLAGS, chromium

ROOT = Path(__file__).parents[2]
EDGE = ROOT / "edge"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def pages_in(folder):
    """The pages for tests in a folder of one's own; needs the packages of `npm ci`."""
    shutil.copytree(_built().name, folder, dirs_exist_ok=True)
    return folder


@cache
def _built():
    folder = TemporaryDirectory()
    command = ["npx", "vite", "build", "--config", "tests/pages/vite.config.ts", "--outDir", folder.name]
    told = subprocess.run(command, check=False, cwd=EDGE, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr
    return folder


@contextmanager
def opened(folder, name, flags=FLAGS):
    """That page of a built folder, served on this machine; what it reports as wrong fails the test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    browser = driver().chromium.launch(executable_path=chromium(), args=flags)
    page = browser.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text) if "garbage collected" in told.text else None)
    page.goto(f"http://127.0.0.1:{server.server_port}/{name}")
    page.wait_for_load_state("networkidle")
    yield page
    browser.close()
    server.shutdown()
    assert not wrong
