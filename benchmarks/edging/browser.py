"""A headless Chromium with the page of edge/tests/harness: networks and images go in, results come out."""

from __future__ import annotations

import base64
import functools
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sharpcli.errors import SharpError

ROOT = Path(__file__).parents[2]
CONFIG = "tests/harness/vite.config.ts"
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    # All graphics on one renderer: on two, frames of video and canvases of WebGPU crash Chromium or stay black.
    "--enable-features=Vulkan",
    "--use-vulkan=swiftshader",
    "--use-angle=swiftshader",
]
"""WebGPU and WebGL on SwiftShader, a software renderer, where there is no graphics card."""


@dataclass
class Harness:
    """A page with one backend open. `url` is where the files of its folder are."""

    page: Any
    backend: dict[str, Any]
    """Its name, device in words and precisions."""

    def compile(self, file: str, precision: str, vector: tuple[float, ...] = ()) -> float:
        """Milliseconds that the network of a file in the folder took to compile."""
        return float(self.page.evaluate(CALL.format("compile"), [file, precision, list(vector) or None]))

    def image(self, pixels: np.ndarray, strength: float = 1, tile: int | None = None, way: str = "image") -> np.ndarray:
        """Sharpened H x W x 3 or 4 uint8 pixels; `way` is `image`, or `frame`, on which alpha is lost."""
        height, width, channels = pixels.shape
        opaque = np.full((height, width, 4), 255, np.uint8)
        opaque[..., :channels] = pixels
        said = [base64.b64encode(opaque.tobytes()).decode(), width, strength, *([tile] if tile else [])]
        result = base64.b64decode(self.page.evaluate(CALL.format(way), said))
        return np.frombuffer(result, np.uint8).reshape(height, width, 4)[..., :channels]

    def time(self, width: int, height: int, count: int) -> list[float]:
        """Milliseconds of each of so many images of noise."""
        times: list[float] = self.page.evaluate(CALL.format("time"), [width, height, count])
        return times


CALL = "given => harness.{}(...given)"


def build(folder: Path) -> None:
    """Build the page into a folder; raises SharpError where its packages are not installed."""
    if not (ROOT / "edge" / "node_modules").is_dir():
        raise SharpError("the browser edition's packages are missing: run `npm ci` in edge/")
    command = ["npx", "vite", "build", "--config", CONFIG, "--outDir", str(folder), "--logLevel", "warn"]
    subprocess.run(command, cwd=ROOT / "edge", check=True)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder's files, on this machine only: WebGPU wants a secure context."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Without a line for each file."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def chromium(flags: tuple[str, ...] = ()) -> Iterator[Any]:
    """A running Chromium: the one of SHARPCLI_BROWSER or the system's."""
    from playwright.sync_api import sync_playwright

    found = os.environ.get("SHARPCLI_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        raise SharpError("no Chromium here: install one, or name it in SHARPCLI_BROWSER")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=[*FLAGS, *flags])
        try:
            yield running
        finally:
            running.close()


@contextmanager
def harness(browser: Any, address: str, backend: str, before: str = "") -> Iterator[Harness]:
    """A page with this backend open and no other; `before` is a script that runs first. Raises SharpError."""
    page = browser.new_page()
    try:
        if before:
            page.add_init_script(before)
        page.goto(f"{address}/index.html")
        page.wait_for_function("window.harness")
        opened = page.evaluate("name => harness.open(name)", backend)
        if opened["name"] != backend:
            raise SharpError(f"this browser has no {backend}, only {opened['name']}")
        yield Harness(page, opened)
    finally:
        page.close()
