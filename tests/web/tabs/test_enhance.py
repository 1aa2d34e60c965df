import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from skimage import data

from sharpcli.web.widgets.examples import FOLDER
from tests.web.conftest import eventually, toast

SOFT, SHARP = FOLDER / "portrait-soft.jpg", FOLDER / "portrait.jpg"


def give(page, file, where="#enhance-input"):
    page.locator(f"{where} input[type=file]").set_input_files(file)


def clear(page):
    page.locator("#enhance-input").get_by_label("Clear").or_(
        page.locator("#enhance-input").get_by_label("Remove Image")
    ).first.click()


def status(page, text):
    """What stands below the result, once it says this."""
    page.locator("#enhance-status").get_by_text(text).first.wait_for()
    return page.locator("#enhance-status").inner_text()


def download(page):
    with page.expect_download() as waiting:
        page.locator("#enhance-download").click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def by_hand(sharpcli, file, folder, *options):
    """What the command line makes of a file."""
    done = sharpcli("enhance", file, "-o", folder, *options)
    assert done.exit_code == 0, done.stderr
    return (folder / file.name).read_bytes()


def choose(page, field, value):
    page.locator(f"{field} input").first.click()
    page.get_by_role("option", name=value, exact=True).click()


def strengthen(page, value):
    number = page.locator("#strength input[type=number]")
    number.fill(value)
    number.press("Enter")
    number.blur()


def shown(page):
    """The pixels of the image after, as the browser has them."""
    address = page.locator("#enhance-result img").last.get_attribute("src")
    with PILImage.open(io.BytesIO(page.request.get(address).body())) as image:
        return np.asarray(image.convert("RGB"))


def test_a_dropped_image_is_sharpened_and_its_download_is_what_the_command_line_writes(
    browser_page, sharpcli, tmp_path
):
    give(browser_page, SOFT)
    message = status(browser_page, "megapixels")
    assert "280 x 280" in message
    assert "· student (" in message
    assert "undone: enlarged exactly 2 times" in message
    assert "CPU" in message
    images = browser_page.locator("#enhance-result img")
    # They arrive after the words.
    assert eventually(lambda: images.evaluate_all("all => all.map(one => one.naturalWidth)") == [280, 280])
    name, content = download(browser_page)
    assert name == "portrait-soft-sharp.jpg"
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
    strengthen(browser_page, "0.5")
    browser_page.wait_for_timeout(1000)
    half = by_hand(sharpcli, SOFT, tmp_path / "half", "--strength", 0.5)
    for _ in range(20):
        if (content := download(browser_page)[1]) == half:
            break
        browser_page.wait_for_timeout(500)
    assert content == half
    # The time is that of the run, to the last digit, since there was only one.
    assert browser_page.locator("#enhance-status").inner_text() == first


def test_enlarging_picks_the_weights_made_for_it_and_before_is_enlarged_too(browser_page, sharpcli, tmp_path):
    give(browser_page, SOFT)
    status(browser_page, "280 x 280")
    number = browser_page.locator("#upscale input[type=number]")
    number.fill("2")
    number.press("Enter")
    number.blur()
    assert "profile x2" in status(browser_page, "560 x 560")
    images = browser_page.locator("#enhance-result img")
    browser_page.wait_for_function(
        "[...document.querySelectorAll('#enhance-result img')].every(i => i.naturalWidth == 560)"
    )
    assert images.count() == 2
    assert download(browser_page)[1] == by_hand(sharpcli, SOFT, tmp_path / "out", "--upscale", 2)


def test_another_enhancer_with_its_own_options(browser_page, sharpcli, tmp_path):
    give(browser_page, SOFT)
    status(browser_page, "student (")
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
    # The page scores the pixels, the command line the JPEG that was written of them.
    gain = float(message.split("gain")[1].split("dB")[0])
    assert gain == pytest.approx(row["gain_psnr"], abs=0.5)
    assert gain > 1
    assert "rgb (R, G and B" in message


def test_the_slider_moves_and_the_wheel_zooms(browser_page):
    give(browser_page, SOFT)
    status(browser_page, "megapixels")
    image = browser_page.locator("#enhance-result img").first
    image.scroll_into_view_if_needed()
    handle = browser_page.locator("#enhance-result .inner, #enhance-result .outer").first
    box, before = image.bounding_box(), handle.bounding_box()
    browser_page.mouse.move(before["x"] + before["width"] / 2, before["y"] + before["height"] / 2)
    browser_page.mouse.down()
    browser_page.mouse.move(box["x"] + box["width"] / 4, before["y"] + before["height"] / 2, steps=5)
    browser_page.mouse.up()
    assert handle.bounding_box()["x"] < before["x"] - 50
    transform = image.evaluate("one => one.style.transform")
    browser_page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    browser_page.mouse.wheel(0, -400)
    browser_page.wait_for_function(
        "was => document.querySelector('#enhance-result img').style.transform !== was", arg=transform
    )


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
        browser_page.get_by_test_id("toast-close").first.click()
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
    assert shown(browser_page).std() > 5


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
    number = browser_page.locator("#upscale input[type=number]")
    number.fill("2")
    number.press("Enter")
    number.blur()
    status(browser_page, "profile x2")
    choose(browser_page, "#enhance-options-student", "photo")
    status(browser_page, "profile photo")
