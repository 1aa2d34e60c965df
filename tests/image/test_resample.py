import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.image.resample import degrade, resize


@settings(deadline=None)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    scale=st.floats(1, 6),
    jpeg=st.one_of(st.none(), st.integers(1, 100)),
    mode=st.sampled_from(["L", "LA", "RGB", "RGBA", "CMYK"]),
)
def test_a_degraded_image_keeps_its_size(height, width, scale, jpeg, mode):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, len(mode)), np.uint8)
    assert degrade(pixels, scale, mode, jpeg).shape == pixels.shape


def test_an_even_image_goes_through_plain_bicubic(photo):
    even = photo[:200, :300]
    small = PILImage.fromarray(even).resize((150, 100), PILImage.Resampling.BICUBIC)
    np.testing.assert_array_equal(degrade(even, 2), np.asarray(small.resize((300, 200), PILImage.Resampling.BICUBIC)))


def test_an_odd_image_keeps_the_grid_of_its_even_part(photo):
    """Resizing 299 to 150 would move the grid by a fraction of a pixel; only the last rows may differ."""
    np.testing.assert_array_equal(degrade(photo[:299], 2)[:280], degrade(photo[:298], 2)[:280])


def test_scale_one_without_jpeg_changes_nothing(photo):
    np.testing.assert_array_equal(degrade(photo, 1), photo)


@pytest.mark.parametrize("kernel", ["bicubic", "bilinear", "lanczos", "box"])
def test_resize_is_given_height_first(photo, kernel):
    assert resize(photo, (10, 20), kernel=kernel).shape == (10, 20, 3)


@pytest.mark.parametrize("scale", [2, 3, 1.5, 0.5, 0.37])
@pytest.mark.parametrize("kernel", ["bicubic", "lanczos", "bilinear"])
@pytest.mark.parametrize("deep", [False, True], ids=["uint8", "uint16"])
def test_bands_give_what_the_whole_image_gives(photo, scale, kernel, deep):
    pixels = photo[:151].astype(np.uint16) * 257 if deep else photo[:151]
    size = (round(pixels.shape[0] * scale), round(pixels.shape[1] * scale))
    whole = resize(pixels, size, kernel=kernel).astype(int)
    banded = resize(pixels, size, kernel=kernel, band=9000).astype(int)
    # Pillow rounds between its two passes, and takes the cheaper one first.
    assert np.abs(whole - banded).max() <= 1
    assert (whole != banded).mean() < 0.01


def test_transparent_pixels_lend_no_color_to_their_neighbours():
    pixels = np.zeros((8, 8, 4), np.uint16)
    pixels[:, 4:] = (0, 65535, 0, 65535)  # opaque green beside transparent black
    large = resize(pixels, (32, 32), "RGBA")
    seen = large[..., 3] > 1000
    assert (large[seen][:, 1] > 65000).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("scale", [2, 0.5])
def test_hidden_colors_stay_hidden_and_lend_nothing_to_what_is_seen(dtype, scale):
    full = np.iinfo(dtype).max
    pixels = np.full((40, 40, 2), full // 2, dtype)
    pixels[:, :20] = full // 5, 0
    pixels[:, 20:, 1] = full
    result = resize(pixels, (round(40 * scale), round(40 * scale)), "LA")
    grey, alpha = result[..., 0], result[..., 1]
    assert (grey[alpha > 0] == full // 2).all()
    assert (grey[:, : round(15 * scale)] == full // 5).all()
    assert (alpha[:, : round(15 * scale)] == 0).all()
