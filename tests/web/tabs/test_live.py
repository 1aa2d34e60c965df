"""The tab Live with cameras that show numbered frames."""

import base64
import os
import re
import time
from contextlib import contextmanager
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image as PILImage
from skimage import data

from sharpcli.image.image import Image
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.web.tabs.live import CAMERAS
from tests.web.conftest import CAMERA, browsing, demo, visit

BITS, SIDE, FRAMES = 12, 32, 300
SLOW = '''
import time
from sharpcli.plugin.enhancer import Enhancer, option
from sharpcli.plugin.hooks import hookimpl

class Slow(Enhancer):
    """Turns the image into its negative after a while."""
    name = "slow"
    summary = "for tests"
    dtype = "uint8"
    seconds: float = option(0.1, "how long it takes", min=0, max=5)

    def enhance(self, pixels):
        time.sleep(self.seconds)
        return 255 - pixels

@hookimpl
def enhancers():
    return [Slow]
'''


def clip(folder, first=0, frames=FRAMES):
    """A camera's frames, soft, with their number in black and white squares along the upper edge."""
    small = PILImage.fromarray(data.astronaut()).resize((320, 240), PILImage.Resampling.BICUBIC)
    soft = np.asarray(small.resize((640, 480), PILImage.Resampling.BICUBIC))
    path = folder / f"from-{first}.mjpeg"
    with path.open("wb") as file:
        for number in range(first, first + frames):
            frame = soft.copy()
            for bit in range(BITS):
                frame[:SIDE, bit * SIDE : (bit + 1) * SIDE] = 255 * (number >> bit & 1)
            PILImage.fromarray(frame).save(file, "JPEG", quality=90)
    return path


def number(pixels):
    return sum(1 << bit for bit in range(BITS) if pixels[SIDE // 2, bit * SIDE + SIDE // 2].mean() > 127)


def decoded(url):
    return np.asarray(PILImage.open(BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The address of a page with a slow plugin installed, and the folder where all its temporary files lie."""
    root = tmp_path_factory.mktemp("live")
    (root / "slow.py").write_text(SLOW)
    (root / "slow-1.0.dist-info").mkdir()
    (root / "slow-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: slow\nVersion: 1.0\n")
    (root / "slow-1.0.dist-info" / "entry_points.txt").write_text("[sharpcli]\nslow = slow\n")
    scratch = root / "scratch"
    scratch.mkdir()
    above = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    places = {"PYTHONPATH": os.pathsep.join([*above, str(root)]), "TMPDIR": str(scratch)}
    with demo("--host", "0.0.0.0", "--allow-host", "camera.test", environment=places) as (address, _):
        yield address, scratch


@pytest.fixture(scope="module")
def cameraman(playwright, tmp_path_factory):
    """A browser whose camera shows the clip."""
    path = clip(tmp_path_factory.mktemp("clip"))
    with browsing(playwright, *CAMERA, f"--use-file-for-fake-video-capture={path}") as running:
        yield running


class Visitor:
    """Someone on the tab Live who has frames sharpened on the server, and what passes between the page and that."""

    def __init__(self, page):
        self.page, self.events = page, []
        page.on("request", lambda request: self.events.append(("sent", request)))
        page.on("requestfinished", lambda request: self.events.append(("answered", request)))
        page.get_by_role("tab", name="Live").click()
        self.start = page.locator("#live-start")
        self.start.wait_for()
        page.locator("#live-where").get_by_label("on the server").check()
        page.locator("#live-message").get_by_text("Frames are sent to").wait_for()
        page.evaluate(
            "() => { const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
            "navigator.mediaDevices.getUserMedia = async asked => window.media = await real(asked) }"
        )

    def frames(self, what="sent"):
        """The requests that carried a frame, in order."""
        all_of = [request for kind, request in self.events if kind == what and "component_server" in request.url]
        return [request for request in all_of if request.post_data_json["fn_name"] == "sharpened"]

    def wait(self, frames=3):
        """Until so many frames more were answered."""
        due = len(self.frames("answered")) + frames
        self.meanwhile(lambda: len(self.frames("answered")) >= due)

    def meanwhile(self, met):
        """Let the page work until a condition is met."""
        for _ in range(1200):
            if met():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(self.says("message"))

    def quiet(self):
        """Until nothing has passed for a second: what the page loads for itself is there."""
        last, count = time.monotonic(), len(self.events)
        while time.monotonic() < last + 1:
            self.page.wait_for_timeout(50)
            if len(self.events) != count:
                last, count = time.monotonic(), len(self.events)

    def stop(self):
        """Until the server has let go of the stream."""
        with self.page.expect_request_finished(lambda request: '"fn_name":"left"' in (request.post_data or "")):
            self.start.click()
        self.meanwhile(lambda: len(self.frames()) == len(self.frames("answered")))

    def shown(self):
        """The pixels of both sides."""
        sides = "['live-camera', 'live-sharpened'].map(id => document.getElementById(id).toDataURL())"
        return [decoded(url) for url in self.page.evaluate(sides)]

    def says(self, part):
        return self.page.locator(f"#live-{part}").inner_text()

    def until(self, part, pattern):
        self.meanwhile(lambda: re.search(pattern, self.says(part)))

    def camera_is_off(self):
        return self.page.evaluate("media.getTracks().every(track => track.readyState === 'ended')")

    def as_chosen(self):
        """The enhancer whatever it takes, for tests of what it makes on a machine that is busy with others."""
        self.page.locator("#live-adapt input").uncheck()

    def choose(self, name):
        self.page.locator("#live-enhancer input").click()
        self.page.get_by_role("option", name=name, exact=True).click()


@contextmanager
def visiting(browser, address, **context):
    with visit(browser, address, **context) as page:
        yield Visitor(page)


def test_what_is_shown_beside_the_camera_is_what_the_pipeline_makes_of_that_frame(cameraman, service):
    with visiting(cameraman, service[0]) as visitor:
        visitor.as_chosen()
        visitor.start.click()
        visitor.until("rate", r"\d")
        visitor.wait()
        visitor.stop()
        camera, result = visitor.shown()
        assert number(camera) == number(result)
        frame = next(
            pixels
            for request in reversed(visitor.frames())
            if number(pixels := decoded(request.post_data_json["data"]["frame"])) == number(camera)
        )
        choices = next(one.choices for one in create_enhancer("student-live", {}).options() if one.name == "profile")
        profile = "call" if "call" in choices else "photo"
        due = sharpen(Image(frame, "RGB"), create_enhancer("student-live", {"profile": profile})).pixels
        assert camera.shape == result.shape == (480, 640, 3)
        off, change = (np.square(due - one.astype(float))[SIDE:].mean() for one in (result, camera))
        assert off < 2
        assert change > 4 * off, (off, change)
        assert float(visitor.says("rate")) > 0
        latency, work = (int(visitor.says(part).removesuffix(" ms")) for part in ("latency", "work"))
        assert 0 < work <= latency
        assert re.match(r"student-live runs on the CPU: .+, \d+ cores. Frames of 640 x 480", visitor.says("device"))


def test_a_slow_enhancer_gets_the_newest_frame_once_it_is_free_and_the_others_are_dropped(cameraman, service):
    with visiting(cameraman, service[0]) as visitor:
        visitor.as_chosen()
        visitor.choose("slow")
        # Long enough for a camera that is short of time to move on by some frames.
        visitor.page.locator("#live-options-slow input[type=number]").fill("1.5")
        visitor.page.locator("#live-options-slow input[type=number]").blur()
        visitor.start.click()
        visitor.until("name", "slow")
        visitor.wait(5)
        visitor.stop()
        camera, result = visitor.shown()
        assert np.abs(255.0 - camera - result).mean() < 3
        assert int(visitor.says("work").removesuffix(" ms")) >= 1500
        kinds = [kind for kind, request in visitor.events if request in visitor.frames()]
        assert kinds == ["sent", "answered"] * (len(kinds) // 2)
        numbers = [number(decoded(request.post_data_json["data"]["frame"])) for request in visitor.frames()]
        steps = [(after - before) % FRAMES for before, after in pairwise(numbers)]
        assert all(step > 1 for step in steps)  # a queue would give one frame after the other
        assert int(visitor.says("dropped")) > 0


def test_an_enhancer_too_slow_for_the_camera_is_stepped_down_from_and_the_page_says_why(cameraman, service):
    with visiting(cameraman, service[0]) as visitor:
        visitor.choose("slow")
        visitor.start.click()
        visitor.until("message", "^Trying which steps")
        visitor.until("step", "^pass through$")
        reason = r"begin with pass through: a frame of slow takes \d+ ms, at most 28 ms to begin with"
        assert re.match(reason, visitor.says("reason"))
        assert visitor.says("message") == ""
        visitor.wait()
        visitor.stop()
        camera, result = visitor.shown()
        assert np.abs(camera - result.astype(float)).mean() < 2


def test_a_snapshot_is_before_and_after_side_by_side_pixel_by_pixel(cameraman, service, tmp_path):
    with visiting(cameraman, service[0]) as visitor:
        assert visitor.page.locator("#live-snapshot").is_disabled()
        visitor.start.click()
        visitor.until("rate", r"\d")
        with visitor.page.expect_download() as download:
            # Both in one go: the next frame would be another one.
            shown = visitor.page.evaluate(
                "() => { document.getElementById('live-snapshot').click();"
                "return ['live-camera', 'live-sharpened'].map(id => document.getElementById(id).toDataURL()) }"
            )
        visitor.stop()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.name == "before-after.png"
        assert np.array_equal(
            np.asarray(PILImage.open(path).convert("RGB")), np.hstack([decoded(one) for one in shown])
        )


def test_a_recording_has_before_and_after_of_the_same_frames(cameraman, service, tmp_path):
    av = pytest.importorskip("av")
    with visiting(cameraman, service[0]) as visitor:
        visitor.start.click()
        visitor.until("rate", r"\d")
        visitor.page.locator("#live-record").click()
        visitor.wait(8)
        visitor.until("record", r"[1-9]\d* kB")
        with visitor.page.expect_download() as download:
            visitor.stop()  # a recording that is stopped early is kept
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
    assert path.name == "before-after.webm"
    with av.open(str(path)) as clip:
        frames = [frame.to_ndarray(format="rgb24") for frame in clip.decode(video=0)]
    assert frames[0].shape == (480, 1280, 3)
    pairs = [(number(frame[:, :640]), number(frame[:, 640:])) for frame in frames]
    assert all(before == after for before, after in pairs)
    assert len(set(pairs)) > 1


def test_stopping_ends_the_camera_and_the_sending_and_so_does_leaving_the_tab(cameraman, service):
    with visiting(cameraman, service[0]) as visitor:
        for leave in (visitor.start, visitor.page.get_by_role("tab", name="Enhance", exact=True)):
            visitor.page.get_by_role("tab", name="Live").click()
            visitor.start.click()
            visitor.wait()
            leave.click()
            visitor.page.wait_for_function("media.getTracks().every(track => track.readyState === 'ended')")
            sent = len(visitor.frames())
            visitor.page.wait_for_timeout(1000)
            assert len(visitor.frames()) == sent
        visitor.page.get_by_role("tab", name="Live").click()
        assert visitor.start.inner_text() == "Start camera"
        assert "when you left this tab" in visitor.says("message")
        visitor.start.click()
        visitor.wait()
        # Chromium without windows never hides a tab by itself.
        visitor.page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
        assert visitor.camera_is_off()
        visitor.until("message", "when you left this tab")
        visitor.page.evaluate("delete document.hidden")
        visitor.start.click()
        visitor.wait()
        visitor.stop()


def test_nothing_is_written_to_disk_while_frames_pass(cameraman, service):
    address, scratch = service
    with visiting(cameraman, address) as visitor:
        visitor.start.click()
        visitor.wait()
        before = sorted(scratch.rglob("*"))
        assert before  # the place where the page keeps visitors' files
        for _ in range(10):
            visitor.wait(1)
            assert sorted(scratch.rglob("*")) == before
        visitor.stop()


def test_the_line_moves_by_mouse_finger_and_keys_without_the_server(cameraman, service):
    with visiting(cameraman, service[0], has_touch=True) as visitor:
        page = visitor.page
        box = page.locator("#live-view").bounding_box()
        page.locator("#live-view").scroll_into_view_if_needed()
        box = page.locator("#live-view").bounding_box()

        def place():
            cut = page.locator("#live-sharpened").evaluate("one => getComputedStyle(one).clipPath")
            return round(float(re.search(r"([\d.]+)%", cut)[1]))

        def point(part):
            return {"x": box["x"] + part * box["width"], "y": box["y"] + box["height"] / 2}

        sent = []
        visitor.quiet()
        page.on("request", lambda request: sent.append(request.url))
        page.mouse.move(*point(0.5).values())
        page.mouse.down()
        page.mouse.move(*point(0.25).values())
        page.mouse.up()
        page.mouse.move(*point(0.9).values())
        assert place() == 25
        finger = page.context.new_cdp_session(page)
        for kind, parts in (("touchStart", [0.3]), ("touchMove", [0.6]), ("touchMove", [0.75]), ("touchEnd", [])):
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point(part) for part in parts]})
        page.wait_for_function("document.getElementById('live-line').value > 70")
        assert place() == 75
        page.locator("#live-line").focus()
        page.keyboard.press("ArrowRight")
        assert place() == 76
        visitor.quiet()
        assert sent == []


@pytest.mark.timeout(300)
def test_visitors_have_their_own_images_and_one_too_many_is_reported(playwright, cameraman, service, tmp_path):
    other = clip(tmp_path, first=2048, frames=30)
    with (
        browsing(playwright, *CAMERA, f"--use-file-for-fake-video-capture={other}") as second,
        visiting(cameraman, service[0]) as one,
        visiting(second, service[0]) as two,
        visiting(second, service[0]) as three,
    ):
        for visitor in (one, two):
            visitor.start.click()
            visitor.until("rate", r"\d")
        for _ in range(3):
            for visitor in (one, two):
                visitor.wait(1)
                numbers = [number(side) for side in visitor.shown()]
                assert numbers[0] == numbers[1]
                assert (numbers[0] >= 2048) == (visitor is two)
        three.start.click()
        three.until("message", f"All {CAMERAS} camera slots are in use")
        assert three.camera_is_off()
        one.stop()
        three.start.click()
        three.until("rate", r"\d")
        for visitor in (two, three):
            visitor.stop()


@pytest.mark.parametrize(
    ("flags", "sentence"), [(CAMERA[:1], "Camera access was denied"), (CAMERA[1:], "No camera found")]
)
def test_without_a_camera_the_page_says_why(playwright, service, flags, sentence):
    with browsing(playwright, *flags) as running, visit(running, service[0]) as page:
        page.get_by_role("tab", name="Live").click()
        page.locator("#live-start").click()
        page.locator("#live-message").get_by_text(sentence).wait_for()
        assert page.locator("#live-start").inner_text() == "Start camera"


def test_a_page_that_came_unencrypted_from_elsewhere_says_that_browsers_offer_no_camera_there(playwright, service):
    elsewhere = service[0].replace("localhost", "camera.test")
    rule = "--host-resolver-rules=MAP camera.test 127.0.0.1"
    with browsing(playwright, *CAMERA, rule) as running, visit(running, elsewhere) as page:
        page.get_by_role("tab", name="Live").click()
        page.locator("#live-message").get_by_text("Camera access requires https").wait_for()
        assert page.locator("#live-start").is_disabled()
