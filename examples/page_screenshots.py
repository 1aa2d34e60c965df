"""Take the screenshots of docs/page: every tab at work, wide and light, on a phone and dark, and one in German.

python examples/page_screenshots.py    (needs the extra `dev`, and Chromium on the path or named in SHARPCLI_BROWSER)
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from playwright.sync_api import Browser, Page, sync_playwright
from skimage import data

from sharpcli.web.widgets.examples import FOLDER

OUT = Path(__file__).parents[1] / "docs" / "page"
LOOKS = {
    "wide": ((1280, 800), "light", "en-GB"),
    "phone": ((390, 844), "dark", "en-GB"),
    "german": ((1280, 800), "light", "de-DE"),
}
GERMAN = ("Enhance",)
"""The tabs that are shown in German too."""
TALLEST = 2600
"""Pixels of a screenshot's height, after which it is cut."""
SOFT = sorted(FOLDER.glob("*-soft.jpg"))


def sharpcli(*arguments: object) -> None:
    """Run one command."""
    subprocess.run([sys.executable, "-m", "sharpcli", *map(str, arguments)], check=True, capture_output=True)


def enhance(page: Page, work: Path) -> None:
    """An example with its original."""
    page.locator("#examples img").nth(2).click()
    page.locator("#enhance-status table").wait_for()


def compare(page: Page, work: Path) -> None:
    """Three enhancers on the same example."""
    page.locator("#compare-enhancers").get_by_label("teacher").check()
    page.locator("#compare-examples img").nth(2).click()
    page.locator("#compare-crops figure").get_by_text("teacher").wait_for()


def batch(page: Page, work: Path) -> None:
    """The examples and a file that is no image."""
    wrong = work / "notes.png"
    wrong.write_text("no image")
    page.locator("#batch-input input[type=file]").set_input_files([*SOFT, wrong])
    page.locator("#batch-start").click()
    page.locator("#batch-archive:visible").wait_for()


def score(page: Page, work: Path) -> None:
    """The examples' results against their originals."""
    for name, files in (("inputs", SOFT), ("references", [Path(str(one).replace("-soft", "")) for one in SOFT])):
        (work / name).mkdir(exist_ok=True)
        for file in files:
            shutil.copy(file, work / name / file.name.replace("-soft", ""))
    sharpcli("enhance", work / "inputs", "-o", work / "results", "--on-existing", "overwrite")
    for name in ("results", "references", "inputs"):
        page.locator(f"#score-{name} input[type=file]").set_input_files(sorted((work / name).glob("*.jpg")))
        page.locator(f"#score-{name}").get_by_text(".jpg").nth(len(SOFT) - 1).wait_for()
    page.locator("#score-start").click()
    page.locator("#score-worst img").first.wait_for()


def live(page: Page, work: Path) -> None:
    """A camera that shows a photograph."""
    page.locator("#live-start").click()
    page.wait_for_function("parseFloat(document.querySelector('#live-rate').innerText) > 0")
    page.wait_for_timeout(3000)


def enhancers(page: Page, work: Path) -> None:
    """What is installed."""
    page.locator("#enhancers").wait_for()


TABS: dict[str, Callable[[Page, Path], None]] = {
    "Enhance": enhance,
    "Compare": compare,
    "Batch": batch,
    "Score": score,
    "Live": live,
    "Enhancers": enhancers,
}


def take(browser: Browser, address: str, name: str, work: Path) -> None:
    """The tabs in one of the LOOKS."""
    (width, height), scheme, language = LOOKS[name]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, locale=language, permissions=["camera"]
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    page.locator("#head").wait_for()
    for title, work_on in TABS.items():
        if name == "german" and title not in GERMAN:
            continue
        page.locator(f"#tab-{title.lower()}-button").click()
        work_on(page, work)
        page.wait_for_timeout(2500)
        with PILImage.open(io.BytesIO(page.screenshot(full_page=True))) as image:
            cut = image.convert("RGB").crop((0, 0, image.width, min(image.height, TALLEST)))
            cut.save(OUT / f"{title.lower()}-{name}.webp", quality=80, method=6)
    context.close()


def camera(work: Path) -> Path:
    """A clip of a soft photograph, as Chromium's fake camera reads it."""
    small = PILImage.fromarray(data.astronaut()[:360, 16:496]).resize((320, 240), PILImage.Resampling.BICUBIC)
    soft, random = np.asarray(small.resize((640, 480), PILImage.Resampling.BICUBIC)), np.random.default_rng(0)
    path = work / "camera.mjpeg"
    with path.open("wb") as file:
        for _ in range(30):  # with noise, as what stands still would not be enhanced anew
            noisy = (soft + random.normal(0, 2, soft.shape)).clip(0, 255).astype(np.uint8)
            PILImage.fromarray(noisy).save(file, "JPEG", quality=90)
    return path


OUT.mkdir(exist_ok=True)
chromium = os.environ.get("SHARPCLI_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
command = [sys.executable, "-m", "sharpcli", "demo", "--no-browser"]
with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert demo.stdout is not None
        address = re.search(r"http://\S+", demo.stdout.readline())[0]  # type: ignore[index]
        flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
        ]
        flags += ["--disable-background-networking", f"--use-file-for-fake-video-capture={camera(Path(folder))}"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        for name in LOOKS:
            take(browser, address, name, Path(folder))
        browser.close()
    finally:
        demo.terminate()
        demo.wait()
