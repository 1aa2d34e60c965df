"""Runs that take long: what is said of them, what stops them, and who else is served meanwhile."""

import numpy as np
import pytest
from gradio_client import handle_file
from PIL import Image as PILImage

from tests.web.conftest import client, close_toasts, eventually, open_settings, visit
from tests.web.tabs.test_enhance import SOFT, choose, clear, give, status

TILES = 16
"""Of an image of 2000 x 2000 pixels."""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """An image of that many tiles."""
    file = tmp_path_factory.mktemp("large") / "large.png"
    PILImage.fromarray(np.zeros((2000, 2000, 3), np.uint8)).save(file)
    return file


@pytest.fixture
def page(browser, slow_page):
    with visit(browser, slow_page[0], viewport={"width": 1280, "height": 900}) as page:
        yield page


def begin(page, slow, large):
    """Start a run that stands still after its first tile."""
    open_settings(page)
    choose(page, "#enhance-enhancer", "slow")
    slow.allow(1)
    give(page, large)
    status(page, " left.")


def enabled(page):
    return page.locator("#enhance-download").is_enabled()


def test_a_long_run_says_how_long_it_takes_and_can_be_stopped_and_started_again(page, slow, large):
    give(page, SOFT)
    status(page, "280 x 280")
    clear(page)
    status(page, "Upload or paste")
    open_settings(page)
    choose(page, "#enhance-enhancer", "slow")
    slow.allow(0)
    give(page, large)
    status(page, "for this photo")
    slow.allow(1)
    status(page, " left.")
    assert 0 < float(page.locator("#enhance-bar progress").get_attribute("value")) < 1
    assert not enabled(page)
    page.locator("#enhance-stop").click()
    slow.let_go()
    status(page, "Stopped.")
    made = slow.tiles()
    assert made < TILES
    page.locator("#enhance-again").click()
    status(page, "2000 x 2000")
    assert enabled(page)
    assert not page.locator("#enhance-working").is_visible()
    # Nothing was made between the stop and the new start, and one upload is one run.
    assert slow.tiles() - made in (TILES, TILES + 1)


def test_another_enhancer_stops_the_run_that_nobody_wants_any_more(page, slow, large):
    begin(page, slow, large)
    choose(page, "#enhance-enhancer", "bicubic")
    slow.let_go()
    status(page, "· bicubic")
    assert slow.tiles() < TILES
    assert enabled(page)


def test_who_leaves_stops_the_run(browser, slow_page, slow, large):
    with visit(browser, slow_page[0]) as page:
        begin(page, slow, large)
    slow.let_go()
    # Until the server has noticed; then no more.
    counts = []

    def still():
        counts.append(slow.tiles())
        return len(counts) > 20 and counts[-1] == counts[-20]

    assert eventually(still)
    assert counts[-1] < TILES


def test_an_image_of_another_visitor_does_not_wait_for_a_long_run(page, slow_page, slow, large):
    program = client(slow_page[0])
    begin(page, slow, large)
    assert slow.tiles() > 0
    slow.let_go()
    assert tuple(program.predict(handle_file(SOFT), enhancer="bicubic", api_name="/enhance")[1]["size"]) == (280, 280)
    assert slow.tiles() < TILES
    program.close()


def test_an_error_stays_on_the_page(page, tmp_path):
    wrong = tmp_path / "wrong.png"
    wrong.write_text("no image at all")
    give(page, wrong)
    assert "Wrong.png is not an image" in status(page, "is not an image")
    close_toasts(page)
    assert "Wrong.png is not an image" in page.locator("#enhance-status").inner_text()
