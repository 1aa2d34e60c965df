"""The tab Live where the browser sharpens the frames itself: by WebAssembly, as there is no graphics device here."""

import base64
import json
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from skimage import data

from sharpcli.image.image import Image
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.web.edge_files import is_built
from sharpcli.web.tabs.live import VIEW
from sharpcli.web.widgets.examples import FOLDER
from sharpcli.web.words.scripts import said
from tests.web.conftest import CAMERA, browsing, visit

ROOT = Path(__file__).parents[3]
WIDTH, HEIGHT = 160, 128
BITS, SIDE, FRAMES = 5, 16, 32


@pytest.fixture(scope="module")
def cameraman(playwright, tmp_path_factory):
    """A browser whose small camera shows soft frames with their number along the upper edge."""
    assert is_built(), "the browser edition is not built: run scripts/edge"
    soft = np.asarray(
        PILImage.fromarray(data.astronaut()).resize((WIDTH // 2, HEIGHT // 2)).resize((WIDTH, HEIGHT), PILImage.BICUBIC)
    )
    path = tmp_path_factory.mktemp("clip") / "small.mjpeg"
    with path.open("wb") as file:
        for number in range(FRAMES):
            frame = soft.copy()
            for bit in range(BITS):
                frame[:SIDE, bit * SIDE : (bit + 1) * SIDE] = 255 * (number >> bit & 1)
            PILImage.fromarray(frame).save(file, "JPEG", quality=95)
    with browsing(playwright, *CAMERA, f"--use-file-for-fake-video-capture={path}") as running:
        yield running


@pytest.fixture
def page(cameraman, page_url):
    """The tab, just opened; every step is taken whatever it takes, since a software renderer is slow."""
    with visit(cameraman, page_url) as page:
        page.get_by_role("tab", name="Live").click()
        says(page, "message", "Frames stay in this browser")
        page.locator("#live-adapt input").uncheck()
        yield page


def says(page, part, text):
    page.locator(f"#live-{part}").get_by_text(text).wait_for()


COUNT = """() => {
  const text = (one) => document.getElementById("live-" + one).innerText;
  const [came, dropped] = ["frames", "dropped"].map((one) => text(one).match(/[0-9]+/));
  return came ? came - dropped : 0;
}"""


def choose(page, place, name):
    """Choose something in the first dropdown there."""
    page.locator(f"{place} input").first.click()
    page.get_by_role("option", name=name, exact=True).click()


def frames(page, more):
    """Until so many frames more were sharpened."""
    seen = page.evaluate(COUNT)
    page.wait_for_function(f"due => ({COUNT})() >= due", arg=seen + more)


def shown(page):
    """The pixels of both sides."""
    sides = "['live-camera', 'live-sharpened'].map(id => document.getElementById(id).toDataURL())"
    urls = [base64.b64decode(url.partition(",")[2]) for url in page.evaluate(sides)]
    return [np.asarray(PILImage.open(BytesIO(one)).convert("RGB")) for one in urls]


def number(pixels):
    return sum(1 << bit for bit in range(BITS) if pixels[SIDE // 2, bit * SIDE + SIDE // 2].mean() > 127)


def requests_of(page):
    """A list that has all that the page asks for from now on."""
    found = []

    def note(request):
        found.append(request)

    page.on("request", note)
    return found


def calls(requests):
    """The names of the server's functions that were called."""
    asked = [json.loads(one.post_data) for one in requests if "component_server" in one.url]
    return [one["fn_name"] for one in asked]


def test_what_the_browser_edition_says_is_in_the_pages_catalogues():
    calls = ROOT / "edge" / "src" / "calls"
    source = "".join((calls / f"{name}.ts").read_text() for name in ("governor", "ladder", "status"))
    lent = {*re.findall(r'\bsay\(\s*"([^"]+)"', source), *re.findall(r'PASS = "([^"]+)"', source)}
    assert len(lent) > 4
    assert lent <= set(said(VIEW.with_suffix(".js").read_text()))


def test_frames_are_sharpened_in_the_browser_and_none_leaves_it(page):
    choose(page, "#live-options-student-live", "photo")
    requests = requests_of(page)
    page.locator("#live-start").click()
    says(page, "device", "student-live runs in this browser")
    frames(page, 5)
    page.locator("#live-start").click()
    says(page, "message", "Frames stay in this browser")
    assert calls(requests) == []
    assert {request.method for request in requests} == {"GET"}
    camera, result = shown(page)
    assert camera.shape == result.shape
    assert number(camera) == number(result)
    due = sharpen(Image(camera, "RGB"), create_enhancer("student-live", {"profile": "photo"})).pixels
    off, change = (np.square(due - one.astype(float)).mean() for one in (result, camera))
    assert off < 255**2 / 10**4.5  # 45 dB
    assert change > 4 * off, (off, change)


def test_what_a_calls_frames_went_through_is_found_in_the_browser(page):
    page.locator("#live-start").click()
    says(page, "found", "undone: ")
    frames(page, 3)
    page.locator("#live-start").click()
    camera, result = shown(page)
    assert number(camera) == number(result)


def test_the_server_is_used_where_it_is_chosen_and_where_only_it_can(page):
    requests = requests_of(page)
    where = page.locator("#live-where")
    page.locator("#live-start").click()
    says(page, "device", "in this browser")
    where.get_by_label("on the server").check()
    says(page, "device", "on the CPU")
    where.get_by_label("in this browser").check()
    says(page, "device", "in this browser")
    assert calls(requests)[-1] == "left"  # its place there is free again
    choose(page, "#live-enhancer", "bicubic")
    says(page, "device", "bicubic runs on the CPU")
    page.locator("#live-start").click()
    says(page, "message", "Only the server has this enhancer with this profile. Frames are sent to")


def test_many_frames_take_no_more_memory_than_few(page):
    choose(page, "#live-options-student-live", "photo")  # which nothing is found for, so networks stay
    debugger = page.context.new_cdp_session(page)

    def heap():
        debugger.send("HeapProfiler.collectGarbage")
        return debugger.send("Runtime.getHeapUsage")["usedSize"]

    page.locator("#live-start").click()
    frames(page, 10)
    before = heap()
    frames(page, 40)
    assert heap() - before < 1_000_000
    page.locator("#live-start").click()


def test_a_strength_of_nothing_leaves_frames_as_they_are(page):
    strength = page.locator("#live-strength input[type=number]")
    strength.fill("0")
    strength.blur()
    page.locator("#live-start").click()
    frames(page, 5)
    page.locator("#live-start").click()
    camera, result = shown(page)
    assert np.array_equal(camera, result)


def test_a_browser_that_cannot_says_so_and_sends_frames(cameraman, page_url):
    with visit(cameraman, page_url) as page:
        page.evaluate("OffscreenCanvas.prototype.getContext = HTMLCanvasElement.prototype.getContext = () => null")
        page.evaluate("Object.defineProperty(navigator, 'gpu', { value: undefined })")
        page.evaluate("window.Worker = undefined")
        page.get_by_role("tab", name="Live").click()
        says(page, "message", "This browser cannot run the networks itself")
        says(page, "message", "Frames are sent to")


def test_the_static_page_of_the_same_server_sharpens_an_image(cameraman, page_url):
    with visit(cameraman, page_url) as page:  # which fails for what the page's policy forbids
        page.goto(f"{page_url}/edge/")
        page.locator("input[type=file]").first.set_input_files(FOLDER / "cat-soft.jpg")
        page.get_by_text("for 340 x 260 pixels").wait_for()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_camera_is_at_the_top_on_a_phone_too(cameraman, page_url, width):
    with visit(cameraman, page_url, viewport={"width": width, "height": 844}) as page:
        page.get_by_role("tab", name="Live").click()
        camera = page.get_by_role("button", name="Start camera").bounding_box()
        settings = page.locator("#live-enhancer").bounding_box()
        assert camera["y"] < 422
        if width == 390:
            assert settings["y"] > camera["y"] + camera["height"]
        else:
            assert settings["x"] + settings["width"] < camera["x"]
        assert page.evaluate("document.documentElement.scrollWidth") == width
