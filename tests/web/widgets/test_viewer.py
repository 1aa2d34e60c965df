"""The viewer in a browser, on the tab Enhance: a photograph that is blurred, in a corner of a blank image."""

import io

import numpy as np
import pytest
from PIL import Image as PILImage
from scipy.ndimage import gaussian_filter
from skimage import data

from tests.web.conftest import eventually, visit
from tests.web.tabs.test_enhance import download, enter, give, shown, status

LEFT, TOP, SIDE = 1000, 700, 500
SIZE = (1300, 1600)
"""Rows and columns: more than is seen at 100 %."""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The image."""
    pixels = np.full((*SIZE, 3), 200, np.uint8)
    photo = data.astronaut()[:SIDE, :SIDE].astype(np.float32)
    pixels[TOP : TOP + SIDE, LEFT : LEFT + SIDE] = gaussian_filter(photo, (2, 2, 0)).round()
    path = tmp_path_factory.mktemp("viewer") / "photo.png"
    PILImage.fromarray(pixels).save(path)
    return path


@pytest.fixture(scope="module")
def opened(browser, page_url, file):
    """A page whose result has just come, and the file of it."""
    permissions = ["clipboard-read", "clipboard-write"]
    with visit(browser, page_url, viewport={"width": 1280, "height": 900}, permissions=permissions) as page:
        give(page, file)
        assert "Changed strongly" in status(page, "megapixels")
        yield page, decoded(download(page)[1])


@pytest.fixture
def result(opened):
    """The same at 100 % with the photograph in the middle."""
    page, after = opened
    view(page).scroll_into_view_if_needed()
    view(page).focus()
    page.keyboard.press("0")
    box, fit = view(page).bounding_box(), int(zoom(page).strip("%")) / 100
    across, down = ((at + SIDE / 2 - all / 2) * fit for at, all in zip((LEFT, TOP), SIZE[::-1], strict=True))
    page.mouse.dblclick(box["x"] + box["width"] / 2 + across, box["y"] + box["height"] / 2 + down)
    return page, after


def decoded(content):
    with PILImage.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


def view(page):
    return page.locator("#enhance-result .view")


def zoom(page):
    return page.locator("#enhance-result .zoom").inner_text()


def click(page, name):
    page.locator("#enhance-result").get_by_role("button", name=name, exact=True).click()


def place(canvas, image):
    """Row and column of the image that a canvas shows at its upper left, found by a piece in its middle."""
    y, x = canvas.shape[0] // 2, canvas.shape[1] // 2
    at = image.tobytes().find(canvas[y, x : x + 40, :3].tobytes()) // 3
    assert at >= 0, "what is seen are not the image's pixels"
    return at // image.shape[1] - y, at % image.shape[1] - x


def whole(canvas, image):
    """Whether a canvas shows nothing but the image's own pixels."""
    row, column = place(canvas, image)
    return np.array_equal(canvas[..., :3], image[row : row + canvas.shape[0], column : column + canvas.shape[1]])


def place_or_none(canvas, image):
    try:
        return place(canvas, image)
    except AssertionError:
        return None


def squares(canvas):
    """One pixel of each square of four, for each way in which a canvas can be cut into those."""
    return [canvas[row::2, column::2] for row in (0, 1) for column in (0, 1)]


def at_point(page, across=0.25, down=0.5):
    box = view(page).bounding_box()
    return box["x"] + box["width"] * across, box["y"] + box["height"] * down


def test_it_opens_at_full_size_where_most_has_changed_and_shows_the_files_very_pixels(opened, file):
    page, after = opened
    assert zoom(page) == "100%"
    seen = shown(page)
    assert whole(seen, after)
    assert whole(shown(page, "before"), decoded(file.read_bytes()))
    row, column = place(seen, after)
    assert TOP < row + seen.shape[0] / 2 < TOP + SIDE
    assert LEFT < column + seen.shape[1] / 2 < LEFT + SIDE


def test_buttons_keys_wheel_and_double_click_zoom(result):
    page, after = result
    for press, expected in [("+", 125), ("+", 150), ("-", 125), ("2", 200), ("=", 225), ("1", 100), ("-", 75)]:
        page.keyboard.press(press)
        assert zoom(page) == f"{expected}%"
    click(page, "200%")
    assert zoom(page) == "200%"
    assert any(whole(square, after) for square in squares(shown(page)) if place_or_none(square, after))
    click(page, "Fit")
    fitted = zoom(page)
    assert 0 < int(fitted.strip("%")) < 75
    assert shown(page)[..., 3].all(0).any()  # the image's whole height is in view, with room beside it
    assert not shown(page)[..., 3].all()
    click(page, "100%")
    page.mouse.move(*at_point(page))
    page.mouse.wheel(0, -100)
    assert eventually(lambda: zoom(page) == "125%")
    page.mouse.wheel(0, 100)
    assert eventually(lambda: zoom(page) == "100%")
    page.mouse.dblclick(*at_point(page))
    assert zoom(page) == fitted
    page.mouse.dblclick(*at_point(page))
    assert zoom(page) == "100%"
    page.keyboard.press("0")
    assert zoom(page) == fitted


def test_the_wheel_zooms_about_the_pointer(result):
    page, _ = result
    x, y = at_point(page, 0.3, 0.3)
    box = view(page).bounding_box()
    column, row = round(x - box["x"]), round(y - box["y"])
    before = shown(page)[row - 2 : row + 3, column - 2 : column + 3, :3].mean((0, 1))
    page.mouse.move(x, y)
    for wanted in ("125%", "150%", "175%", "200%"):
        page.mouse.wheel(0, -100)
        assert eventually(lambda wanted=wanted: zoom(page) == wanted)
    after = shown(page)[row - 2 : row + 3, column - 2 : column + 3, :3].mean((0, 1))
    assert np.abs(after - before).max() < 25


def test_dragging_and_arrow_keys_move_both_images_together(result, file):
    page, after = result
    before = decoded(file.read_bytes())
    row, column = place(shown(page), after)
    x, y = at_point(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=3)
    page.mouse.up()
    assert place(shown(page), after) == place(shown(page, "before"), before) == (row - 40, column - 60)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    moved = place(shown(page), after)
    assert moved == place(shown(page, "before"), before)
    assert moved < (row - 40, column - 60)
    for _ in range(12):  # and not beyond the edge
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
    assert shown(page)[..., 3].all()


def test_the_divider_is_a_range_and_can_be_dragged(result):
    page, _ = result
    divider = page.get_by_role("slider", name="Before and after")
    line = view(page).locator(".line")
    middle = line.bounding_box()["x"]
    divider.focus()
    for _ in range(10):
        divider.press("ArrowLeft")
    left = line.bounding_box()["x"]
    assert left < middle - 20
    box = line.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 50
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 200, y, steps=4)
    page.mouse.up()
    assert line.bounding_box()["x"] == pytest.approx(left + 200, abs=1)
    assert zoom(page) == "100%"


def test_the_original_is_seen_for_as_long_as_the_button_or_space_is_held(result):
    page, _ = result
    before, after = shown(page, "before"), shown(page)
    assert not np.array_equal(before, after)
    hold = page.get_by_role("button", name="Hold to see the original")
    hold.hover()
    page.mouse.down()
    assert np.array_equal(shown(page), before)
    page.mouse.up()
    assert np.array_equal(shown(page), after)
    for where in (view(page), hold):
        where.focus()
        page.keyboard.down(" ")
        assert np.array_equal(shown(page), before)
        page.keyboard.up(" ")
        assert np.array_equal(shown(page), after)


def test_side_by_side_both_show_the_same_place(result, file):
    page, after = result
    width = shown(page).shape[1]
    click(page, "Side by side")
    one, other = shown(page, "before"), shown(page)
    assert one.shape == other.shape
    assert one.shape[1] < width / 2
    assert place(one, decoded(file.read_bytes())) == place(other, after)
    click(page, "Side by side")
    assert shown(page).shape[1] == width


def test_the_result_is_copied_whole(result):
    page, after = result
    click(page, "Copy result")
    page.get_by_text("The result is in the clipboard.").wait_for()
    read = """async () => {
        const [item] = await navigator.clipboard.read();
        const bitmap = await createImageBitmap(await item.getType("image/png"));
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), context = canvas.getContext("2d");
        context.drawImage(bitmap, 0, 0);
        return [bitmap.height, bitmap.width, Array.from(context.getImageData(1200, 900, 50, 1).data)];
    }"""
    height, width, row = page.evaluate(read)
    assert (height, width) == SIZE
    assert np.array_equal(np.array(row).reshape(50, 4)[:, :3], after[900, 1200:1250])


def test_another_strength_is_seen_at_the_same_place(result):
    page, after = result
    page.keyboard.press("ArrowLeft")
    at = place(shown(page), after)
    enter(page, "#enhance-strength", "0.5")
    assert eventually(lambda: place_or_none(shown(page), after) is None)
    half = decoded(download(page)[1])
    assert not np.array_equal(half, after)
    assert place(shown(page), half) == at
    assert zoom(page) == "100%"


def test_on_a_phone_two_fingers_zoom_and_one_moves_and_pixels_are_whole(browser, page_url, file):
    phone = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
    with visit(browser, page_url, **phone) as page:
        give(page, file)
        status(page, "megapixels")
        after = decoded(download(page)[1])
        view(page).scroll_into_view_if_needed()
        seen = shown(page)
        assert any(place_or_none(square, after) for square in squares(seen))
        x, y = at_point(page, 0.5, 0.8)
        fingers = page.context.new_cdp_session(page)

        def touch(kind, *points):
            found = [{"x": x + across, "y": y + down, "id": number} for number, (across, down) in enumerate(points)]
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": found})

        touch("touchStart", (40, 0))
        touch("touchMove", (90, 0))
        touch("touchEnd")
        assert not np.array_equal(shown(page), seen)
        touch("touchStart", (-90, 0), (-40, 0))
        touch("touchMove", (-100, 0), (0, 0))
        touch("touchEnd")
        assert zoom(page) == "200%"
