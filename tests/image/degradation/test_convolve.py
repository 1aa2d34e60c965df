"""Convolution with borders that go on mirrored, in encoded levels and in linear light."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from sharpcli.image.degradation.blur import Blur
from sharpcli.image.degradation.convolve import convolved
from tests.image.degradation.test_blur import BLURS

MODES = ["L", "LA", "RGB", "RGBA", "CMYK"]


@st.composite
def images(draw):
    """Pixels of any mode and both depths, also smaller than a kernel, with their mode."""
    mode, dtype = draw(st.sampled_from(MODES)), draw(st.sampled_from([np.uint8, np.uint16]))
    shape = draw(st.integers(1, 40)), draw(st.integers(1, 40)), len(mode)
    random = np.random.default_rng(draw(st.integers(0, 99)))
    return random.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True), mode


@pytest.mark.parametrize("blur", [Blur("gaussian", 1.2), Blur("defocus", 5), Blur("motion", 12, 30)], ids=str)
@pytest.mark.parametrize("deep", [False, True], ids=["uint8", "uint16"])
def test_it_is_scipys_convolution_of_the_mirrored_image(photo, blur, deep):
    pixels = photo[:60, :70].astype(np.uint16) * 257 if deep else photo[:60, :70]
    for channel in range(3):
        expected = ndimage.convolve(pixels[..., channel].astype(float), blur.kernel(), mode="reflect")
        assert np.abs(convolved(pixels, blur.kernel())[..., channel] - expected).max() <= 0.501


@settings(max_examples=60)
@given(images(), BLURS, st.booleans())
def test_blur_keeps_shape_depth_range_and_alpha_and_changes_no_input(image, blur, linear):
    pixels, mode = image
    before = pixels.copy()
    after = convolved(pixels, blur.kernel(), mode, linear)
    assert (after.shape, after.dtype) == (pixels.shape, pixels.dtype)
    np.testing.assert_array_equal(pixels, before)
    colors = len(mode.removesuffix("A"))
    np.testing.assert_array_equal(after[..., colors:], pixels[..., colors:])
    if colors == len(mode):
        assert after.min() >= pixels.min()
        assert after.max() <= pixels.max()


@given(st.sampled_from(MODES), st.sampled_from([np.uint8, np.uint16]), st.integers(0, 255), BLURS, st.booleans())
def test_an_even_area_stays_what_it_is(mode, dtype, level, blur, linear):
    pixels = np.full((9, 14, len(mode)), level * (np.iinfo(dtype).max // 255), dtype)
    np.testing.assert_array_equal(convolved(pixels, blur.kernel(), mode, linear), pixels)


@settings(max_examples=30)
@given(images(), BLURS, st.booleans(), st.integers(5, 30))
def test_parts_give_what_the_whole_image_gives(image, blur, linear, side):
    pixels, mode = image
    whole, parts = (convolved(pixels, blur.kernel(), mode, linear, size).astype(int) for size in (1024, side))
    # A value at a half may be rounded either way, since a transform of another size ends in other last bits.
    assert np.abs(whole - parts).max() <= 1


def test_in_linear_light_the_bright_spreads(photo):
    edge = np.zeros((40, 40, 1), np.uint8)
    edge[:, 20:] = 255
    kernel = Blur("gaussian", 2).kernel()
    assert convolved(edge, kernel, "L", linear=True)[20, 18] > convolved(edge, kernel, "L")[20, 18] + 20
    # The same edge in ink, where no ink is white.
    ink = np.repeat(255 - edge, 4, axis=2)
    after = convolved(ink, kernel, "CMYK", linear=True)
    np.testing.assert_array_equal(255 - after[..., 0], convolved(edge, kernel, "L", linear=True)[..., 0])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_hidden_colors_lend_nothing_to_what_is_seen(dtype):
    full = np.iinfo(dtype).max
    pixels = np.full((40, 40, 2), full // 2, dtype)
    pixels[:, :20] = full, 0
    pixels[:, 20:, 1] = full
    after = convolved(pixels, Blur("defocus", 4).kernel(), "LA")
    assert (after[:, 20:, 0] == full // 2).all()
    np.testing.assert_array_equal(after[..., 1], pixels[..., 1])
