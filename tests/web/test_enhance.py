from pathlib import Path

from sharpcli.web.examples import FOLDER

SOFT, SHARP = FOLDER / "cat-soft.jpg", FOLDER / "cat.jpg"


def give(page, file, where="#enhance-input"):
    page.locator(f"{where} input[type=file]").set_input_files(file)


def status(page, text):
    """Wait until the line below the result says this."""
    found = page.locator("#enhance-status").get_by_text(text)
    found.first.wait_for()
    return page.locator("#enhance-status").inner_text()


def download(page):
    with page.expect_download() as waiting:
        page.locator("#enhance-download").click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_a_dropped_picture_is_sharpened_and_its_download_is_what_the_command_line_writes(
    browser_page, sharpcli, tmp_path
):
    give(browser_page, SOFT)
    said = status(browser_page, "megapixels")
    assert "340 x 260" in said
    assert "student (profile photo" in said
    assert "CPU" in said
    images = browser_page.locator("#enhance-result img")
    assert images.count() == 2
    sizes = images.evaluate_all("all => all.map(one => [one.naturalWidth, one.naturalHeight])")
    assert sizes == [[340, 260], [340, 260]]
    name, content = download(browser_page)
    assert name == "cat-soft-sharp.jpg"
    assert sharpcli("enhance", SOFT, "-o", tmp_path / "out").exit_code == 0
    assert content == (tmp_path / "out" / "cat-soft.jpg").read_bytes()
