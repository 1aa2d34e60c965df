"""A blurred picture on the static page: what it went through is found, said and undone as the command line does."""

import numpy as np
from PIL import Image as PILImage

import sharpcli
from sharpcli.image.read import read_image
from tests.edge.static_page import choose, opened, pixels_of, saved
from tests.edge.wasm_page import ROOT

BLURRED = ROOT / "examples" / "blurry" / "phone-blurred.jpg"
CLOSE = 45
"""dB: weights of the page have fewer bits where nobody sees it."""


def test_what_a_picture_went_through_is_found_and_undone(browser, address, tmp_path):
    picture = tmp_path / "blurred.png"
    pixels = read_image(BLURRED).pixels
    PILImage.fromarray(pixels).save(picture)
    with opened(browser, f"{address}?backend=wasm") as page:
        choose(page, picture)
        page.get_by_label("Profile").select_option("deblur")
        page.locator("#found", has_text="Found").wait_for()
        page.locator("#status", has_text="profile deblur").wait_for()
        said = page.locator("#found").inner_text()
        result = pixels_of(saved(page, picture)).astype(float)
    expected = sharpcli.enhance(pixels, "student-live", profile="deblur", precision="int8")
    assert said == "Found: defocus of about 2.2 px, JPEG of about quality 49."
    assert 10 * np.log10(255**2 / ((result - expected) ** 2).mean()) > CLOSE
    assert np.abs(result - pixels).mean() > 0.5
