"""The panels of the static page for clips and the camera, as a visitor uses them."""

import av
import pytest

from tests.edge.static_page import opened
from tests.helpers.full_clips import full_clip

ASKS_NO_FILE = "delete window.showSaveFilePicker"
CAMERA = """
const canvas = document.createElement("canvas");
canvas.width = 64;
canvas.height = 48;
const context = canvas.getContext("2d");
let turn = 0;
setInterval(() => {
  context.fillStyle = turn++ % 2 ? "gray" : "silver";
  context.fillRect(0, 0, 64, 48);
}, 250);
navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(4);
"""


@pytest.fixture
def clip(tmp_path):
    return full_clip(tmp_path / "a.mp4", 12, size=(160, 96), texts="mov_text")


def test_a_clip_is_offered_under_a_name_of_its_own_with_what_it_lacks(browser, address, clip, tmp_path):
    with opened(browser, address, ASKS_NO_FILE) as page:
        page.locator("#file").set_input_files(clip)
        with page.expect_download() as coming:
            page.get_by_role("button", name="Sharpen the clip").click()
        assert coming.value.suggested_filename == "a-sharp.mp4"
        coming.value.save_as(tmp_path / "b.mp4")
        page.get_by_text("12 frames were sharpened and read back.").wait_for()
        page.get_by_text("Its subtitles are not carried over.").wait_for()
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert len([*container.decode(video=0)]) == 12


def test_a_clip_that_is_none_gives_a_sentence_and_the_page_lives_on(browser, address, clip):
    broken = clip.with_name("broken.mp4")
    broken.write_bytes(clip.read_bytes()[:600])
    with opened(browser, address, ASKS_NO_FILE) as page:
        page.locator("#file").set_input_files(broken)
        page.get_by_role("button", name="Sharpen the clip").click()
        page.locator("#problem", has_text=".").wait_for()
        page.locator("#file").set_input_files(clip)
        page.get_by_role("button", name="Sharpen the clip").click()
        page.get_by_text("12 frames were sharpened and read back.").wait_for()


def test_the_camera_starts_and_stops_and_is_let_go_of(browser, address):
    with opened(browser, f"{address}?backend=webgl2", CAMERA) as page:
        page.get_by_role("button", name="Use the camera").click()
        page.get_by_role("button", name="Start the camera").click()
        page.get_by_text("student-live on webgl2").wait_for()
        assert page.get_by_role("img", name="The camera, sharpened").evaluate("canvas => canvas.width") == 64
        page.get_by_role("button", name="Stop the camera").click()
        page.get_by_text("The camera is off.").wait_for()
        assert page.get_by_role("button", name="Start the camera").is_visible()
