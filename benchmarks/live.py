"""Measures the tab Live of `sharpcli demo` both ways: frames sharpened in the browser, and sent to the server.

python benchmarks/live.py [--size 640x480] [--seconds 20] [--browser /usr/bin/chromium] [FLAG ...]

A photograph that moves is the camera of a headless Chromium, which renders in software unless its FLAGs say otherwise.
The governor is off, so every frame goes through `student-live` with profile photo. Rate and latency are the tab's own.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from playwright.sync_api import Page, sync_playwright

PHOTO = Path(__file__).parents[1] / "sharpcli" / "web" / "examples" / "portrait.jpg"
FLAGS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def camera(path: Path, width: int, height: int) -> Path:
    """A clip of a second that a fake camera shows again and again."""
    photo = np.array(PILImage.open(PHOTO).convert("RGB").resize((width, height)))
    with path.open("wb") as file:
        for index in range(30):
            PILImage.fromarray(np.roll(photo, 4 * index, 1)).save(file, "JPEG", quality=95)
    return path


@contextmanager
def demo() -> Iterator[str]:
    """The address of a page."""
    command = [sys.executable, "-m", "sharpcli", "demo", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield next(match[0] for line in process.stdout if (match := re.search(r"http://\S+", line)))
        finally:
            process.terminate()


def measured(page: Page, where: str, seconds: float) -> str:
    """The tab's figures at the end of so many seconds."""
    page.locator("#live-where").get_by_label(where).check()
    page.locator("#live-start").click()
    page.wait_for_function("/[0-9]/.test(document.getElementById('live-rate').innerText)", timeout=300_000)
    page.wait_for_timeout(1000 * seconds)
    rate, latency, work, device = (
        page.locator(f"#live-{part}").inner_text() for part in ("rate", "latency", "work", "device")
    )
    page.locator("#live-start").click()
    return f"| {where} | {rate} | {latency} | {work} | {device} |"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="640x480", help="640x480, 1280x720 or 1920x1080")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    asked, flags = parser.parse_known_args()
    width, height = map(int, asked.size.split("x"))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, demo() as address:
        shown = camera(Path(folder) / "camera.mjpeg", width, height)
        clip = f"--use-file-for-fake-video-capture={shown}"
        browser = playwright.chromium.launch(executable_path=asked.browser, args=[*FLAGS, clip, *flags])
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(address)
        page.get_by_role("tab", name="Live").click()
        page.locator("#live-message").get_by_text("Frames").wait_for()
        page.locator("#live-adapt input").uncheck()
        page.locator("#live-options-student-live input").first.click()
        page.get_by_role("option", name="photo", exact=True).click()
        page.locator("#live-size input").first.click()
        page.get_by_role("option", name=f"{width} x {height}", exact=True).click()
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print("| where | frames/s | latency | of that the network | |\n|---|---|---|---|---|")
        for where in ("on the server", "in this browser", "on the server", "in this browser"):
            print(measured(page, where, asked.seconds), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
