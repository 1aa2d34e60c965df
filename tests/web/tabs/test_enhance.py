import io
import json
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from skimage import data

from sharpcli.image.read import read_image
from sharpcli.web.widgets.examples import FOLDER
from tests.web.conftest import close_toasts, eventually, open_settings, said, settings_open, toast, visit

SOFT, SHARP = FOLDER / "portrait-soft.jpg", FOLDER / "portrait.jpg"


def give(page, file, where="#enhance-input"):
    page.locator(f"{where} input[type=file]").set_input_files(file)


def clear(page):
    page.locator("#enhance-input").get_by_label("Clear").or_(
        page.locator("#enhance-input").get_by_label("Remove Image")
    ).first.click()


def status(page, text):
    """What stands below the result, once it says this."""
    return said(page, "#enhance-status", text)


def effort(message):
    """The line with the time."""
    return next(line for line in message.splitlines() if "megapixels" in line)


def download(page):
    with page.expect_download() as waiting:
        page.locator("#enhance-download").click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def downloaded(content, folder):
    """A file of what was downloaded."""
    file = folder / "downloaded.jpg"
    file.write_bytes(content)
    return file


def by_hand(sharpcli, file, folder, *options):
    """What the command line makes of a file."""
    done = sharpcli("enhance", file, "-o", folder, *options)
    assert done.exit_code == 0, done.stderr
    return (folder / file.name).read_bytes()


def choose(page, field, value):
    page.locator(f"{field} input").first.click()
    page.get_by_role("option", name=value, exact=True).click()


def enter(page, field, value):
    number = page.locator(f"{field} input[type=number]")
    number.fill(value)
    number.press("Enter")
    number.blur()


def shown(page, name="after"):
    """The pixels of one of the two images, once all that is seen of it is there, as RGBA."""
    page.locator("#enhance-result .view[aria-busy=false]").wait_for()
    url = page.locator(f"#enhance-result canvas.{name}").evaluate("one => one.toDataURL()")
    with PILImage.open(io.BytesIO(b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image.convert("RGBA"))


def seen(page, name="after"):
    """The same without what lies around the image."""
    pixels = shown(page, name)
    rows, columns = (np.flatnonzero(pixels[..., 3].any(axis)) for axis in (1, 0))
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1, :3]


def test_a_dropped_image_is_sharpened_and_its_download_is_what_the_command_line_writes(
    browser_page, sharpcli, tmp_path
):
    give(browser_page, SOFT)
    message = status(browser_page, "megapixels")
    assert "280 x 280" in message
    assert "· student (" in message
    assert "undone: enlarged exactly 2 times" in message
    assert "CPU" in message
    name, content = download(browser_page)
    assert name == "portrait-soft-sharp.jpg"
    # What is seen is what is downloaded, the JPEG's own pixels, and beside it what was given.
    assert np.array_equal(seen(browser_page), read_image(downloaded(content, tmp_path)).pixels)
    assert np.array_equal(seen(browser_page, "before"), read_image(SOFT).pixels)
    assert content == by_hand(sharpcli, SOFT, tmp_path / "out")


def test_metadata_and_format_come_through(browser_page, sharpcli, tmp_path):
    file = tmp_path / "scan.tif"
    deep = np.repeat(data.camera()[:90, :120, None].astype(np.uint16) * 257, 3, 2)
    import tifffile

    tifffile.imwrite(file, deep, photometric="rgb", description="kept", metadata=None)
    give(browser_page, file)
    status(browser_page, "120 x 90")
    # The browser shows no TIFF: what it shows is a PNG of it, and the download is a TIFF of 16 bits all the same.
    assert browser_page.locator("#enhance-input img").evaluate("one => one.naturalWidth") == 120
    name, content = download(browser_page)
    assert name == "scan-sharp.tif"
    assert content == by_hand(sharpcli, file, tmp_path / "out")
    with tifffile.TiffFile(io.BytesIO(content)) as written:
        assert written.pages[0].dtype == np.uint16
        assert written.pages[0].description == "kept"


def test_a_phones_heic_is_shown_and_becomes_a_jpeg(browser_page, sharpcli, tmp_path):
    heif = pytest.importorskip("pillow_heif", reason="needs the extra heic")
    file = tmp_path / "IMG_1.HEIC"
    heif.from_bytes("RGB", (120, 90), np.ascontiguousarray(data.chelsea()[:90, :120]).tobytes()).save(file)
    give(browser_page, file)
    status(browser_page, "120 x 90")
    assert browser_page.locator("#enhance-input img").evaluate("one => one.naturalWidth") == 120
    name, content = download(browser_page)
    assert name == "IMG_1-sharp.jpg"
    assert sharpcli("enhance", file, "-o", tmp_path / "out.jpg").exit_code == 0
    assert content == (tmp_path / "out.jpg").read_bytes()


def test_another_strength_blends_anew_and_runs_no_network(browser_page, sharpcli, tmp_path):
    give(browser_page, SOFT)
    first = status(browser_page, "megapixels")
    enter(browser_page, "#enhance-strength", "1.5")
    browser_page.wait_for_timeout(1000)
    more = by_hand(sharpcli, SOFT, tmp_path / "more", "--strength", 1.5)
    for _ in range(20):
        if (content := download(browser_page)[1]) == more:
            break
        browser_page.wait_for_timeout(500)
    assert content == more
    # The time is that of the run, to the last digit, since there was only one.
    assert effort(browser_page.locator("#enhance-status").inner_text()) == effort(first)


def test_enlarging_picks_the_weights_made_for_it_and_before_is_enlarged_too(browser_page, sharpcli, tmp_path):
    give(browser_page, SOFT)
    status(browser_page, "280 x 280")
    open_settings(browser_page)
    enter(browser_page, "#enhance-upscale", "2")
    assert "profile x2" in status(browser_page, "560 x 560")
    assert eventually(lambda: seen(browser_page).shape == seen(browser_page, "before").shape == (560, 560, 3))
    assert download(browser_page)[1] == by_hand(sharpcli, SOFT, tmp_path / "out", "--upscale", 2)


def test_another_enhancer_with_its_own_options(browser_page, sharpcli, tmp_path):
    give(browser_page, SOFT)
    status(browser_page, "student (")
    open_settings(browser_page)
    choose(browser_page, "#enhance-enhancer", "teacher")
    status(browser_page, "· teacher ·")
    assert browser_page.locator("#enhance-options-teacher").is_visible()
    assert not browser_page.locator("#enhance-options-student").is_visible()
    choose(browser_page, "#enhance-options-teacher", "x2")
    status(browser_page, "teacher (profile x2)")
    assert download(browser_page)[1] == by_hand(sharpcli, SOFT, tmp_path / "out", "-e", "teacher", "-O", "profile=x2")


def test_an_example_brings_its_original_and_the_gain_is_that_of_score(browser_page, sharpcli, tmp_path):
    browser_page.locator("#examples img").nth(2).click()
    message = status(browser_page, "gain")
    result = tmp_path / "result.jpg"
    result.write_bytes(download(browser_page)[1])
    table = sharpcli("score", result, SHARP, "--input", SOFT, "--report", tmp_path / "score.json")
    assert table.exit_code == 0
    row = json.loads((tmp_path / "score.json").read_text())["images"][0]
    assert f"{row['input_psnr']:.2f} dB" in message
    gain = float(message.split("gain")[1].split("dB")[0])
    assert gain == pytest.approx(row["gain_psnr"], abs=0.006)
    assert gain > 1
    assert "rgb (R, G and B" in message


def test_a_text_file_named_png_is_a_sentence_and_the_page_goes_on(browser_page, tmp_path):
    wrong = tmp_path / "wrong.png"
    wrong.write_text("no image at all")
    give(browser_page, wrong)
    assert "Wrong.png is not an image" in toast(browser_page)
    for _ in range(2):
        clear(browser_page)
        give(browser_page, SOFT)
        status(browser_page, "280 x 280")
        clear(browser_page)
        browser_page.locator("#enhance-status").get_by_text("Upload or paste an image").wait_for()
        close_toasts(browser_page)
        give(browser_page, wrong)
        assert "Wrong.png is not an image" in toast(browser_page)
        assert not browser_page.locator("#enhance-download").is_enabled()


def test_an_image_taken_with_the_camera_is_sharpened(browser_page):
    image = browser_page.locator("#enhance-input")
    image.get_by_label("Capture from camera").click()
    image.get_by_text("Click to Access Webcam").click()
    browser_page.wait_for_function("document.querySelector('#enhance-input video').videoWidth > 0")
    image.get_by_label("capture photo").click()
    status(browser_page, "megapixels")
    assert eventually(lambda: seen(browser_page).std() > 5)


def test_ones_own_image_after_an_example_is_not_scored_against_the_examples_original(browser_page):
    browser_page.locator("#examples img").first.click()
    status(browser_page, "gain")
    clear(browser_page)
    give(browser_page, SOFT)
    message = status(browser_page, "280 x 280")
    assert "gain" not in message
    assert "Not scored" not in message


def test_an_original_that_does_not_fit_is_reported_and_the_result_is_there(browser_page):
    give(browser_page, SOFT)
    status(browser_page, "280 x 280")
    browser_page.locator("#enhance-scoring button").first.click()
    give(browser_page, FOLDER / "coffee.jpg", "#enhance-reference")
    message = status(browser_page, "Not scored: coffee.jpg")
    assert "280x280 but 400x300 in the reference" in message
    assert download(browser_page)[1]


def test_with_upscale_the_profile_photo_can_still_be_chosen(browser_page):
    give(browser_page, SOFT)
    status(browser_page, "280 x 280")
    open_settings(browser_page)
    enter(browser_page, "#enhance-upscale", "2")
    status(browser_page, "profile x2")
    choose(browser_page, "#enhance-options-student", "photo")
    status(browser_page, "profile photo")


def chosen_preset(page):
    return page.locator("#enhance-preset input:checked").get_attribute("value")


def test_a_preset_is_one_run_what_differs_from_it_is_custom_and_the_browser_keeps_it(browser_page):
    give(browser_page, SOFT)
    status(browser_page, "student (")
    assert chosen_preset(browser_page) == "Standard"
    browser_page.wait_for_timeout(1000)  # an upload is asked for twice, and the second time nothing is left to do
    runs = []

    def count(request):
        if request.url.endswith("/queue/join?") and SOFT.name in request.post_data:
            runs.append(request)

    browser_page.on("request", count)
    presets = browser_page.locator("#enhance-preset")
    presets.get_by_text("Enlarge 2x").click()
    assert "profile x2" in status(browser_page, "560 x 560")
    browser_page.wait_for_timeout(1000)
    assert len(runs) == 1
    presets.get_by_text("Video call").click()
    assert "280 x 280" in status(browser_page, "student (profile call")
    presets.get_by_text("Custom").click()
    settings_open(browser_page)
    choose(browser_page, "#enhance-enhancer", "student-live")
    status(browser_page, "student-live (")
    assert eventually(lambda: chosen_preset(browser_page) == "Quick")
    choose(browser_page, "#enhance-options-student-live", "photo")
    status(browser_page, "student-live (profile photo")
    assert eventually(lambda: chosen_preset(browser_page) == "Custom")
    assert len(runs) == 4
    enter(browser_page, "#enhance-strength", "0.5")
    assert eventually(lambda: browser_page.title() and len(runs) == 5)  # requests are noted during calls

    again = browser_page.context.new_page()
    again.goto(browser_page.url)
    again.locator("#enhance-preset").wait_for()
    assert eventually(lambda: chosen_preset(again) == "Custom")
    assert again.locator("#enhance-strength input[type=number]").input_value() == "0.5"
    open_settings(again)
    assert again.locator("#enhance-enhancer input").input_value() == "student-live"
    assert again.locator("#enhance-options-student-live input").first.input_value() == "photo"


DROP = """(files) => {
  const dropped = new DataTransfer();
  for (const [name, bytes] of files) {
    dropped.items.add(new File([Uint8Array.from(bytes)], name, { type: "image/jpeg" }));
  }
  const event = new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true });
  document.querySelector("#head").dispatchEvent(event);
}"""


def test_what_is_dropped_beside_the_upload_area_goes_to_the_tab_in_sight(browser_page):
    soft = [[file.name, list(file.read_bytes())] for file in (SOFT, FOLDER / "coffee-soft.jpg")]
    browser_page.locator("#enhance-input input[type=file]").first.wait_for(state="attached")
    browser_page.evaluate(DROP, soft[:1])
    status(browser_page, "280 x 280")
    browser_page.evaluate(DROP, soft[1:])
    status(browser_page, "400 x 300")
    browser_page.get_by_role("tab", name="Batch").click()
    browser_page.locator("#batch-input input[type=file]").wait_for(state="attached")
    browser_page.evaluate(DROP, soft)
    browser_page.locator("#batch-input .file").nth(1).wait_for()


def places(page, *fields):
    return [page.locator(f"#enhance-{field}").bounding_box() for field in fields]


def test_the_result_is_beside_the_settings_or_on_a_phone_before_them(browser, page_url):
    with visit(browser, page_url, viewport={"width": 1280, "height": 900}) as page:
        page.locator("#examples img").nth(2).click()
        status(page, "megapixels")
        _, preset, strength, result = places(page, "input", "preset", "strength", "result")
        assert result["x"] > preset["x"] + preset["width"]
        assert result["y"] < preset["y"] < strength["y"] < 900 - strength["height"]
    with visit(browser, page_url, viewport={"width": 390, "height": 844}) as page:
        give(page, SOFT)
        status(page, "megapixels")
        order = places(page, "input", "preset", "result", "strength", "download", "more", "scoring")
        assert [one["y"] for one in order] == sorted(one["y"] for one in order)
        assert order[2]["y"] < 844 - 200
        assert page.evaluate("document.documentElement.scrollWidth") == 390
