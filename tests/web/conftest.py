"""A real page in a real browser."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.helpers import slow_enhancer
from tests.helpers.driver import driver

os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # gradio_client reads it when it is imported
# Seconds after which a page notices at the latest that a visitor has left: 15, of which many tests would wait for all.
os.environ["GRADIO_HEARTBEAT_INTERVAL"] = "0.5"

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def chromium():
    """The browser on this machine; a skip where there is none, unless SHARPCLI_BROWSER says that one is due."""
    found = os.environ.get("SHARPCLI_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium here: install one, or name it in SHARPCLI_BROWSER")
    return found


@contextmanager
def demo(*options, environment=None, python=sys.executable):
    """The address and the process of a running `sharpcli demo`."""
    command = [python, "-m", "sharpcli", "demo", "--no-browser", *options]
    process = subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    wrong_message = []
    try:
        for line in process.stdout:
            wrong_message.append(line)
            if match := re.search(r"http://\S+", line):
                break
        else:
            raise AssertionError("".join(wrong_message))
        yield match[0].rstrip("/"), process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
        # What a user would see on the terminal: a traceback there is a bug, whatever the page showed.
        sys.stdout.write("".join([*wrong_message, rest]))


def client(address, **settings):
    """A program's connection to the page, made without reading the system's certificates for each of its requests."""
    from gradio_client import Client

    return Client(address, verbose=False, ssl_verify=False, **settings)


def with_plugin(file, site):
    """What the environment says where a plugin of one file is installed, here into a new folder `site`."""
    name = Path(file).stem
    record = site / f"{name}-1.0.dist-info"
    record.mkdir(parents=True)
    shutil.copy(file, site)
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text(f"[sharpcli]\n{name} = {name}\n")
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))}


def eventually(question):
    """Whether something becomes true within a while."""
    for _ in range(600):
        if question():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="session")
def page_url():
    """The address of a page that all tests share."""
    with demo() as (address, _):
        yield address


def with_slow(folder):
    """What the environment says where the slow enhancer is installed, with its `Slow` in this folder."""
    return {**with_plugin(slow_enhancer.__file__, folder / "site"), slow_enhancer.FOLDER: str(folder)}


@pytest.fixture(scope="session")
def slow_page(tmp_path_factory):
    """The address of a page with the slow enhancer, and its folder."""
    folder = tmp_path_factory.mktemp("slow")
    with demo(environment=with_slow(folder)) as (address, _):
        yield address, folder


@pytest.fixture
def slow(slow_page):
    """What a test knows of that enhancer's pieces, and can hold back."""
    pieces = slow_enhancer.Slow(slow_page[1])
    yield pieces
    pieces.let_go()


@pytest.fixture(scope="session")
def playwright():
    """What drives browsers; there can only be one."""
    return driver()


@contextmanager
def browsing(playwright, *flags):
    """A Chromium that was started with these flags."""
    running = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *flags])
    yield running
    running.close()


@pytest.fixture(scope="session")
def browser(playwright):
    """A Chromium with a camera that shows a test image."""
    with browsing(playwright, *CAMERA) as running:
        yield running


def open_settings(page, tab="enhance"):
    """Open what a tab has beside its presets, unless it is open.

    A frame after a tab is there Gradio sets all that it shows once more, and closes what was opened meanwhile.
    """
    content = page.locator(f"#{tab}-more").get_by_test_id("accordion-content").first
    while not content.is_visible():
        page.locator(f"#{tab}-more button").first.click()
        page.wait_for_timeout(500)
    settings_open(page, tab)


def settings_open(page, tab="enhance"):
    """Wait until what was opened can be used: Gradio sets it once more, over what is typed meanwhile."""
    page.locator(f"#{tab}-enhancer").wait_for()
    page.wait_for_timeout(500)


def said(page, where, text):
    """What stands in a place, once it says this."""
    from playwright.sync_api import TimeoutError

    place = page.locator(where)
    try:
        place.get_by_text(text).first.wait_for()
    except TimeoutError as error:
        raise AssertionError(f"{text!r} was waited for in {where}, which says {place.all_inner_texts()}") from error
    return place.inner_text()


def toast(page):
    """The sentence of the error that just came up."""
    found = page.get_by_test_id("toast-body").last
    found.wait_for()
    return found.inner_text()


def close_toasts(page):
    """Close what is said of errors, where its ten seconds are not over yet."""
    from playwright.sync_api import TimeoutError

    with suppress(TimeoutError):
        page.get_by_test_id("toast-close").first.click(timeout=1000)
    page.get_by_test_id("toast-body").first.wait_for(state="detached")


LEFT = ("AbortError: BodyStreamBuffer was aborted", "Connection errored out")
"""What Gradio's client says of its stream where a page is loaded anew while that is open."""


@contextmanager
def visit(browser, address, *, expected=(), **context):
    """A page of a visitor of his own; at the end nothing may be wrong (but for `expected`) or come from elsewhere."""
    visitor = browser.new_context(accept_downloads=True, **context)
    page = visitor.new_page()
    page.set_default_timeout(60_000)
    problems, foreign = [], []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))

    def note(request):
        if not request.url.startswith((address, "data:", "blob:")):
            foreign.append(request.url)

    page.on("request", note)
    page.goto(address)
    page.locator("#head").wait_for()
    yield page
    visitor.close()
    assert not [problem for problem in problems if not any(one in problem for one in expected)]
    assert not foreign


@pytest.fixture
def browser_page(browser, page_url):
    """The shared page, just opened by a new visitor."""
    with visit(browser, page_url, viewport={"width": 1280, "height": 900}) as page:
        yield page
