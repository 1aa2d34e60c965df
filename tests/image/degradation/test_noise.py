"""Noise: how strong it is, and that the image and the seed decide it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.image.degradation.noise import generator_of, noisy


@pytest.mark.parametrize("deviation", [0.8, 5, 20])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_noise_has_its_deviation_in_8_bit_levels_in_each_channel(deviation, dtype):
    unit = np.iinfo(dtype).max // 255
    gray = np.full((400, 300, 3), 128 * unit, dtype)
    noise = (noisy(gray, deviation, generator_of(gray, 0)).astype(float) - gray) / unit
    rounding = 1 / 12 / unit**2
    np.testing.assert_allclose(noise.std((0, 1)), (deviation**2 + rounding) ** 0.5, rtol=0.01)
    np.testing.assert_allclose(noise.mean((0, 1)), 0, atol=deviation / 80)
    assert np.abs(np.corrcoef(noise.reshape(-1, 3).T) - np.eye(3)).max() < 0.02


@given(st.sampled_from(["L", "LA", "RGB", "RGBA", "CMYK"]), st.integers(1, 20), st.integers(1, 20), st.integers(0))
def test_the_same_image_and_seed_give_the_same_and_alpha_stays(mode, height, width, seed):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, len(mode)), np.uint8)
    turned = np.asfortranarray(pixels)  # how it lies in memory does not count
    first, again = (noisy(one, 9, generator_of(one, seed), mode) for one in (pixels, turned))
    np.testing.assert_array_equal(first, again)
    colors = len(mode.removesuffix("A"))
    np.testing.assert_array_equal(first[..., colors:], pixels[..., colors:])


def test_another_seed_and_another_image_get_other_noise(photo):
    part = photo[:100, :100] // 2 + 60
    other = part.copy()
    other[0, 0, 0] += 1
    noises = [
        noisy(one, 5, generator_of(one, seed)).astype(float) - one for one, seed in ((part, 0), (part, 1), (other, 0))
    ]
    alike = np.corrcoef([noise.ravel() for noise in noises])
    assert np.abs(alike - np.eye(3)).max() < 0.03
