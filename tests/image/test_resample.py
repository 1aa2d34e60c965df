import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.image import polyphase
from sharpcli.image.resample import degrade, resize, resize_plane


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


@settings(deadline=None, max_examples=300)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    scale=st.one_of(st.sampled_from([2, 3, 4]), st.floats(1.1, 4)),
    mode=st.sampled_from(["L", "LA", "RGB", "RGBA", "CMYK"]),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    extremes=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_an_enlargement_is_pillows_bit_for_bit(height, width, scale, mode, dtype, extremes, seed):
    pixels = _noise((height, width, len(mode)), dtype, extremes, seed)
    if mode.endswith("A"):
        pixels[..., -1] = np.iinfo(dtype).max
    size = round(height * scale), round(width * scale)
    np.testing.assert_array_equal(resize(pixels, size, mode), _by_pillow(pixels, size, mode))


@settings(deadline=None, max_examples=100)
@given(
    shape=st.tuples(st.integers(4, 40), st.integers(4, 40), st.sampled_from([1, 3])),
    scale_and_dtype=st.sampled_from([(2, np.uint8), (3, np.uint8), (4, np.uint8), (2, np.uint16)]),
    band=st.integers(1, 5000),
    seed=st.integers(0, 2**32 - 1),
)
def test_bands_of_a_whole_enlargement_change_nothing(shape, scale_and_dtype, band, seed):
    scale, dtype = scale_and_dtype
    pixels = _noise(shape, dtype, True, seed)
    mode, size = "L" if shape[2] == 1 else "RGB", (shape[0] * scale, shape[1] * scale)
    np.testing.assert_array_equal(resize(pixels, size, mode, band=band), _by_pillow(pixels, size, mode))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_an_enlargement_of_several_blocks_is_pillows(scale):
    pixels = _noise((300, 2 * polyphase.COLUMNS + 9, 1), np.uint8, False, 1)
    size = pixels.shape[0] * scale, pixels.shape[1] * scale
    np.testing.assert_array_equal(resize(pixels, size, "L"), _by_pillow(pixels, size, "L"))


def _noise(shape, dtype, extremes, seed):
    """Pixels of any value, or black and white ones, which overshoot most."""
    full = int(np.iinfo(dtype).max)
    rng = np.random.default_rng(seed)
    return (rng.integers(0, 2, shape) * full if extremes else rng.integers(0, full + 1, shape)).astype(dtype)


def _by_pillow(pixels, size, mode):
    """With 8 bits all channels at once; else, and with alpha, each as floats."""
    if pixels.dtype == np.uint8 and not mode.endswith("A"):
        image = PILImage.frombytes(mode, pixels.shape[1::-1], pixels.tobytes())
        return np.asarray(image.resize(size[::-1], PILImage.Resampling.BICUBIC)).reshape(*size, -1)
    planes = [resize_plane(plane, size) for plane in np.moveaxis(pixels.astype(np.float32), 2, 0)]
    return np.rint(np.stack(planes, axis=2)).clip(0, np.iinfo(pixels.dtype).max).astype(pixels.dtype)


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
