"""An image that was enlarged gives back its small original, and a network that enlarges works on that."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data

from sharpcli.errors import SharpError
from sharpcli.image.resample import resize
from sharpcli.inference.native_scale import at_native_scale, receptive_radius_at_native_scale
from sharpcli.measure.receptive_field import receptive_field
from sharpcli.pipeline.tiling import tiled


def repeating(scale):
    """A network that repeats every pixel `scale` times each way."""
    return lambda small: small.repeat(scale, axis=0).repeat(scale, axis=1)


def small_of(pixels, scale):
    """What `at_native_scale` shows to the network."""
    seen = []

    def network(small):
        seen.append(small)
        return repeating(scale)(small)

    at_native_scale(pixels, scale, network)
    (small,) = seen
    return small


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
@pytest.mark.parametrize("image", ["astronaut", "chelsea", "coffee", "rocket"])
def test_an_enlarged_photograph_gives_back_its_small_original(image, scale):
    pixels = getattr(data, image)()[:384, :384]
    original = resize(pixels, (384 // scale, 384 // scale))
    enlarged = resize(original, (384, 384))
    small = small_of(np.float32(enlarged) / 255, scale)
    error = np.abs(small * 255 - original)
    # Where the enlarged image was cut off at black or white its original cannot be told.
    assert np.sqrt((error**2).mean()) < 0.5
    assert (error > 1).mean() < 0.03


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_noise_is_not_amplified(photo, scale):
    original = resize(photo[:288, :432], (288 // scale, 432 // scale)) / 510 + 0.25
    size = original.shape[0] * scale, original.shape[1] * scale
    exact = resize(np.uint16(original * 65535), size) / 65535
    noise = np.random.default_rng(0).normal(0, 0.02, exact.shape)
    change = small_of(np.float32(exact + noise), scale) - small_of(np.float32(exact), scale)
    assert change.std() < 0.02


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    scale=st.integers(1, 8),
    channels=st.sampled_from([1, 3]),
    level=st.floats(0, 1, width=32),
)
def test_any_size_comes_back_and_what_is_flat_stays_flat(height, width, scale, channels, level):
    pixels = np.full((height, width, channels), level, np.float32)
    result = at_native_scale(pixels, scale, repeating(scale))
    assert result.shape == pixels.shape
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, pixels, atol=1e-5)


def test_the_network_is_given_whole_samples_of_an_odd_image(photo):
    """299 x 449 at 2 is a grid of 150 x 225 whose last samples lie half outside."""
    even, odd = small_of(np.float32(photo[:298, :448]) / 255, 2), small_of(np.float32(photo) / 255, 2)
    assert odd.shape == (150, 225, 3)
    inside = slice(0, 130), slice(0, 200)
    np.testing.assert_allclose(odd[inside], even[inside], atol=1e-6)


def test_scale_one_is_the_network_itself(photo):
    pixels = np.float32(photo) / 255
    np.testing.assert_array_equal(at_native_scale(pixels, 1, lambda seen: 1 - seen), 1 - pixels)


@pytest.mark.parametrize("own", [1, 3, 4])
def test_a_network_of_another_scale_is_refused_in_words(own):
    made = f"{5 * own}x{4 * own}"
    with pytest.raises(SharpError, match=f"network turned 5x4 into {made}, which is not 2 times as large"):
        at_native_scale(np.zeros((8, 10, 3), np.float32), 2, repeating(own))


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_the_declared_receptive_radius_holds_and_is_not_far_from_the_true_one(photo, scale):
    pixels = np.float32(photo[:240, :240]) / 255
    radius = receptive_field(lambda seen: at_native_scale(seen, scale, repeating(scale)), pixels)
    assert not radius.whole
    assert radius.any <= receptive_radius_at_native_scale(scale)
    assert receptive_radius_at_native_scale(scale) - radius.any <= 2 * scale


@pytest.mark.parametrize("scale", [2, 3])
def test_tiles_that_are_aligned_show_no_seam(photo, scale):
    pixels = np.float32(photo) / 255

    def function(seen):
        return at_native_scale(seen, scale, repeating(scale))

    whole = function(pixels)
    parts = tiled(function, pixels, receptive_radius_at_native_scale(scale), multiple=scale, tile=101)
    np.testing.assert_allclose(parts, whole, atol=1e-5)
