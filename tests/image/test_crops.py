import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.compare.compare import Enhanced, lined_up, most_changed
from sharpcli.errors import SharpError
from sharpcli.image.crops import window
from sharpcli.image.image import Image


@given(st.data(), st.integers(1, 300), st.integers(1, 300), st.integers(1, 200))
def test_a_crop_lies_around_its_place_and_inside_the_image(data, width, height, side):
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    rows, columns = window((x, y), side, (width, height))
    for part, at, most in ((columns, x, width), (rows, y, height)):
        assert 0 <= part.start <= at < part.stop <= most
        assert part.stop - part.start == min(side, most)
        if side // 2 <= at <= most - side:
            assert part.start == at - side // 2


@pytest.mark.parametrize("place", [(-1, 0), (0, -1), (40, 0), (0, 30)])
def test_a_place_outside_is_refused_naming_the_last_one_inside(place):
    with pytest.raises(SharpError, match=r"40x30 pixels, so at most 39,29"):
        window(place, 10, (40, 30))


@given(
    left=st.integers(0, 449 - 40),
    top=st.integers(0, 299 - 40),
    side=st.integers(56, 200),
    step=st.sampled_from([-60, -1, 1, 60]),
)
def test_the_place_is_where_results_differ_most_from_the_input(photo, left, top, side, step):
    changed = photo.astype(int)
    changed[top : top + 40, left : left + 40] += step
    # A little everywhere must not outweigh a lot in one place.
    changed[::16, ::16] += 1
    changed = changed.clip(0, 255).astype(np.uint8)
    before, same = Image(photo, "RGB"), Image(photo.copy(), "RGB")
    comparison = lined_up(before, [Enhanced("same", same, 1), Enhanced("other", Image(changed, "RGB"), 1)])
    rows, columns = window(most_changed(comparison, side), side, comparison.size)
    # To the block of 8 pixels in which changes are counted.
    assert columns.start - 8 <= left <= left + 40 <= columns.stop + 8
    assert rows.start - 8 <= top <= top + 40 <= rows.stop + 8


@pytest.mark.parametrize("size", [(449, 299), (1, 1), (3, 200)])
def test_where_nothing_was_changed_the_middle_is_shown(size):
    image = Image(np.zeros((size[1], size[0], 3), np.uint8), "RGB")
    comparison = lined_up(image, [Enhanced("same", image, 1)])
    assert most_changed(comparison, 160) == (size[0] // 2, size[1] // 2)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (7, 9), (160, 160), (161, 1030)])
def test_an_image_of_any_size_has_a_place(size):
    before = np.zeros((size[1], size[0], 3), np.uint8)
    after = before.copy()
    after[-1, -1] = 255
    comparison = lined_up(Image(before, "RGB"), [Enhanced("other", Image(after, "RGB"), 1)])
    rows, columns = window(most_changed(comparison, 160), 160, size)
    assert (rows.stop, columns.stop) == size[::-1]


@pytest.mark.parametrize("corner", [(0, 0), (2500, 1700), (2760, 2040)])
def test_the_place_in_a_large_image_is_found_from_some_of_its_pixels(corner):
    before = np.zeros((2200, 3000, 3), np.uint8)
    after = before.copy()
    left, top = corner
    after[top : top + 160, left : left + 240] = 9
    comparison = lined_up(Image(before, "RGB"), [Enhanced("other", Image(after, "RGB"), 1)])
    rows, columns = window(most_changed(comparison, 160), 160, (3000, 2200))
    # To the squares in which changes are counted.
    assert left - 16 <= columns.start <= columns.stop <= left + 240 + 16
    assert top - 16 <= rows.start <= rows.stop <= top + 160 + 16
