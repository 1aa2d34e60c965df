import io
import time
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.web.widgets.examples import FOLDER
from tests.web.conftest import toast, visit

SOFT, SHARP = FOLDER / "portrait-soft.jpg", FOLDER / "portrait.jpg"
WIDTH, HEIGHT = 280, 280

DRAWN = 150
"""Of 765: what differs by more was drawn, what by less was lost by compression."""


@pytest.fixture
def tab(browser_page):
    """The tab Compare of a visitor who has just come."""
    browser_page.get_by_role("tab", name="Compare").click()
    return browser_page


def give(page, file, where="#compare-input"):
    page.locator(f"{where} input[type=file]").set_input_files(file)


def figures(page, *labels):
    """Label and lines below it of each crop, once there are these crops."""
    page.wait_for_function(
        """labels => {
            const found = [...document.querySelectorAll('#compare-crops b')].map(one => one.textContent);
            return found.join('|') == labels.join('|');
        }""",
        arg=list(labels),
    )
    lines = [text.splitlines() for text in page.locator("#compare-crops figcaption").all_inner_texts()]
    return {label: rest for label, *rest in lines}


def crops(page):
    """The pixels of each crop as the browser has them, by label."""
    found = page.locator("#compare-crops img").evaluate_all("all => all.map(one => [one.alt, one.src])")
    return {label: np.asarray(PILImage.open(io.BytesIO(b64decode(url.split(",")[1])))) for label, url in found}


def until_changed(page, before):
    """The crops, once the input's are others than these."""
    for _ in range(600):
        if not np.array_equal(crops(page)["input"], before["input"]):
            return crops(page)
        page.wait_for_timeout(100)
    raise AssertionError("the crops stay as they were")


def setting(page, name, value):
    number = page.locator(f"#compare-{name} input[type=number]")
    number.fill(str(value))
    number.press("Enter")
    number.blur()


def sheet(page):
    """The downloaded sheet."""
    with page.expect_download() as waiting:
        page.locator("#compare-download").click()
    assert waiting.value.suggested_filename == "portrait-soft-compare.png"
    return np.asarray(PILImage.open(waiting.value.path()).convert("RGB"))


def enhanced(sharpcli, folder, name):
    """What the command line makes of the soft portrait."""
    file = folder / f"{name}.png"
    assert sharpcli("enhance", SOFT, "-o", file, "-e", name).exit_code == 0
    return np.asarray(PILImage.open(file))


def click(page, where, x, y):
    """Click a pixel of the portrait, as it is shown in an image; the pixel that was really met."""
    image = page.locator(f"{where} img")
    box = image.bounding_box()
    # The image is fitted into its frame, with room at two sides.
    scale = min(box["width"] / WIDTH, box["height"] / HEIGHT)
    left, top = (box["width"] - scale * WIDTH) / 2, (box["height"] - scale * HEIGHT) / 2
    image.click(position={"x": left + (x + 0.5) * scale, "y": top + (y + 0.5) * scale})


@pytest.mark.parametrize("where", ["#compare-where", "#compare-input"])
def test_a_click_moves_all_crops_to_its_place_and_runs_no_network(tab, sharpcli, tmp_path, where):
    give(tab, SOFT)
    first = figures(tab, "input", "student", "student-live")
    before = crops(tab)
    setting(tab, "size", 64)
    small = until_changed(tab, before)
    click(tab, where, 60, 200)
    moved = until_changed(tab, small)
    soft = np.asarray(PILImage.open(SOFT))
    size = moved["input"].shape[:2]
    assert size == (64, 64)
    places = [
        (x, y)
        for y in range(HEIGHT - 63)
        for x in range(WIDTH - 63)
        if (soft[y, x] == moved["input"][0, 0]).all() and (soft[y : y + 64, x : x + 64] == moved["input"]).all()
    ]
    ((x, y),) = places
    # To a pixel of the screen.
    assert abs(x + 32 - 60) <= 2
    assert abs(y + 32 - 200) <= 2
    for name in ("student", "student-live"):
        assert (moved[name] == enhanced(sharpcli, tmp_path, name)[y : y + 64, x : x + 64]).all()
    # The time is that of the run, to the last digit, since there was only one.
    assert figures(tab, "input", "student", "student-live") == first


def near(frame, due):
    return np.abs(np.subtract(frame, due)).max() <= 2


def marked(tab):
    """The frame that is drawn into the shown image: left, right, top, bottom."""
    address = tab.locator("#compare-where img").get_attribute("src")
    shown = np.asarray(PILImage.open(io.BytesIO(tab.request.get(address).body())).convert("RGB")).astype(int)
    differs = np.abs(shown - np.asarray(PILImage.open(SOFT)).astype(int)).sum(2) > DRAWN
    rows, columns = np.nonzero(differs)
    return (columns.min(), columns.max() + 1, rows.min(), rows.max() + 1) if differs.any() else (0, 0, 0, 0)


def test_the_place_is_marked_in_the_image(tab):
    give(tab, SOFT)
    figures(tab, "input", "student", "student-live")
    before = crops(tab)
    setting(tab, "size", 64)
    until_changed(tab, before)  # a click into an image that is just being replaced is lost
    for x, y in ((60, 200), (200, 80)):
        due, until = (x - 32, x + 32, y - 32, y + 32), time.monotonic() + 60
        click(tab, "#compare-where", x, y)
        # The frame follows once the crops are made, and those of an earlier setting may still be on their way.
        while not near(marked(tab), due) and time.monotonic() < until:
            tab.wait_for_timeout(200)
        assert near(marked(tab), due)
    # The same by keys.
    x, y = (tab.locator(f"#compare-{name} input") for name in "xy")
    at = int(x.input_value())
    x.press("ArrowUp")
    y.fill("33")
    due, until = (at + 8 - 32, at + 8 + 32, 1, 65), time.monotonic() + 60
    while not near(marked(tab), due) and time.monotonic() < until:
        tab.wait_for_timeout(200)
    assert near(marked(tab), due)
    assert (x.input_value(), y.input_value()) == (str(at + 8), "33")


def test_the_download_is_the_sheet_of_the_command_line_but_for_the_times(tab, sharpcli, tmp_path):
    give(tab, SOFT)
    figures(tab, "input", "student", "student-live")
    tab.locator("#compare-others textarea, #compare-others input").fill("student-live:precision=fp32")
    tab.keyboard.press("Enter")
    labels = ["input", "student", "student-live", "student-live FP32"]
    figures(tab, *labels)
    tab.locator("#compare-scoring button").first.click()
    give(tab, SHARP, "#compare-reference")
    message = figures(tab, *labels, "reference")
    setting(tab, "zoom", 1)
    tab.wait_for_function("[...document.querySelectorAll('#compare-crops img')].every(one => one.width == 160)")
    options = [text for name in ("student", "student-live", "student-live:precision=fp32") for text in ("-e", name)]
    out = tmp_path / "sheet.png"
    done = sharpcli("compare", SOFT, *options, "--reference", SHARP, "-o", out, "--zoom", 1)
    assert done.exit_code == 0
    for label, line in zip(labels[1:], done.stdout.splitlines()[2:5], strict=True):
        psnr, ssim, gain_psnr, gain_ssim = line.split()[-4:]
        assert message[label][1:] == [f"PSNR {psnr} dB {gain_psnr}", f"SSIM {ssim} {gain_ssim}"]
    own, other = sheet(tab), np.asarray(PILImage.open(out).convert("RGB"))
    assert own.shape == other.shape
    rows = np.nonzero((own != other).any((1, 2)))[0]
    # No more than the one line of text that tells the times.
    assert len(rows) == 0 or rows.max() - rows.min() < 20


def test_an_enlarged_image_is_compared_and_clicked_as_it_was_given(tab):
    give(tab, SOFT)
    figures(tab, "input", "student", "student-live")
    setting(tab, "upscale", 2)
    figures(tab, "input enlarged 2x", "student", "student-live")
    assert "560 x 560 pixels, enlarged 2 times" in tab.locator("#compare-notes").inner_text()
    found = crops(tab)["input enlarged 2x"]
    click(tab, "#compare-input", 30, 30)
    whole = PILImage.open(SOFT).resize((560, 560), PILImage.Resampling.BICUBIC)
    expected = np.asarray(whole)[:160, :160]
    for _ in range(600):
        found = crops(tab)["input enlarged 2x"]
        if np.array_equal(found, expected):
            break
        tab.wait_for_timeout(100)
    assert np.array_equal(found, expected)


def test_an_example_brings_its_scores_and_taking_it_away_empties_the_tab(tab):
    tab.locator("#compare-examples img").nth(2).click()
    message = figures(tab, "input", "student", "student-live", "reference")
    assert float(message["student"][1].split()[-1]) > 0
    assert message["reference"] == ["the sharp original"]
    tab.locator("#compare-input").get_by_label("Clear").or_(
        tab.locator("#compare-input").get_by_label("Remove Image")
    ).first.click()
    tab.locator("#compare-crops").get_by_text("Upload an image").wait_for()
    assert not tab.locator("#compare-where").is_visible()


def test_a_mistake_is_one_sentence_and_what_was_compared_stays(tab, tmp_path):
    give(tab, SOFT)
    first = figures(tab, "input", "student", "student-live")
    others = tab.locator("#compare-others textarea, #compare-others input")
    others.fill("student:profile=<b>x9</b>")
    others.press("Enter")
    assert "Option profile must be deblur or photo or call or x2 or auto, not '<b>x9</b>'" in toast(tab)
    others.fill("")
    tab.locator("#compare-scoring button").first.click()
    PILImage.new("RGB", (40, 30)).save(tmp_path / "small.png")
    give(tab, tmp_path / "small.png", "#compare-reference")
    tab.get_by_text("40x30 pixels and the result 280x280").first.wait_for()
    assert figures(tab, "input", "student", "student-live") == first


def test_on_a_phone_nothing_is_wider_than_the_screen(browser, page_url):
    with visit(browser, page_url, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True) as page:
        page.get_by_role("tab", name="Compare").tap()
        page.locator("#compare-examples img").first.tap()
        page.locator("#compare-crops figure").nth(3).wait_for()
        for size, zoom in ((160, 2), (160, 8), (16, 1)):
            setting(page, "size", size)
            setting(page, "zoom", zoom)
            page.wait_for_timeout(1000)
            assert page.evaluate("document.documentElement.scrollWidth") == 390
            edges = page.locator("#compare-crops figure *").evaluate_all(
                "all => all.map(one => one.getBoundingClientRect()).map(box => [box.left, box.right])"
            )
            assert all(0 <= left <= right <= 390 for left, right in edges)
