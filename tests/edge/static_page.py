"""The static page as it ships, on a server of its own, and what a visitor does with it."""

import base64
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
from PIL import Image as PILImage

BUILT = Path(__file__).parents[2] / "sharpcli" / "web" / "edge"
"""What scripts/edge builds."""
WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]
"""Enough for stills: a canvas of WebGPU would lose the device of a headless Chromium without a Vulkan compositor."""
HANDS_OVER = """([kind, name, type, text]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const event = kind === "drop"
    ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
    : new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
  document.body.dispatchEvent(event);
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextmanager
def served(folder=BUILT.parent):
    """The address of the page, below a path as on a host that has other pages too."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{BUILT.name}/"
    server.shutdown()
    server.server_close()


@contextmanager
def opened(browser, address, script="", **options):
    """The page as a new visitor; an exception, a blocked request or one to another host fails the test."""
    context = browser.new_context(accept_downloads=True, **options)
    wrong = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    host = "/".join(address.split("/")[:3]) + "/"
    context.on("request", lambda request: request.url.startswith((host, "blob:", "data:")) or wrong.append(request.url))
    page = context.new_page()
    page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    if script:
        page.add_init_script(script)
    page.goto(address)
    yield page
    context.close()
    assert wrong == []


def hand_over(page, kind, file, media):
    """Drops or pastes a file."""
    text = base64.b64encode(file.read_bytes()).decode()
    page.evaluate(HANDS_OVER, [kind, file.name, media, text])


def choose(page, file):
    """Chooses a file and waits for its result."""
    page.locator("#file").set_input_files(file)
    finished(page)


def finished(page):
    """Waits until the picture is sharpened as the controls stand."""
    page.locator("#status", has_text="megapixels").wait_for()


def status(page):
    """The line that says what was done."""
    return page.locator("#status")


def saved(page, file):
    """Downloads the result into a folder; its path."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    path = file.parent / download.value.suggested_filename
    download.value.save_as(path)
    status(page).filter(has_text="Saved").wait_for()  # so that what is said next is of what is done next
    return path


def pixels_of(path):
    """R, G, B of an image file."""
    return np.asarray(PILImage.open(path).convert("RGB"))
