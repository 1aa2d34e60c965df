"""The chain of degradations: its order, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharpcli.errors import ImageError, SharpError
from sharpcli.image.compression import through_jpeg, through_webp
from sharpcli.image.degradation.blur import Blur
from sharpcli.image.degradation.chain import Chain
from sharpcli.image.degradation.convolve import convolved
from sharpcli.image.degradation.noise import generator_of, noisy
from sharpcli.image.resample import degrade
from tests.image.degradation.test_blur import BLURS

QUALITIES = st.integers(1, 100)
COMPRESSIONS = st.one_of(
    st.just({}), st.fixed_dictionaries({"jpeg": QUALITIES}), st.fixed_dictionaries({"webp": QUALITIES})
)


def test_the_order_is_blur_resampling_noise_compression(photo):
    blur = Blur("defocus", 2)
    chain = Chain(blur, True, 3, "box", "bilinear", 60, 4, 7, jpeg=80)
    expected = convolved(photo, blur.kernel(), linear=True)
    expected = degrade(expected, 3, "RGB", 60, "box", "bilinear")
    expected = noisy(expected, 4, generator_of(photo, 7))
    np.testing.assert_array_equal(chain(photo), through_jpeg(expected, 80))


def test_noise_is_the_same_after_any_blur(photo):
    """So that a series in which the blur grows differs in its blur alone."""
    middle = photo[50:150, 50:150] // 2 + 60
    for blur in (Blur("gaussian", 1), Blur("defocus", 3)):
        noise = Chain(blur, noise=3)(middle).astype(int) - Chain(blur)(middle)
        np.testing.assert_array_equal(noise, Chain(noise=3)(middle).astype(int) - middle)


@settings(max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    mode=st.sampled_from(["L", "LA", "RGB", "RGBA"]),
    deep=st.booleans(),
    blur=st.none() | BLURS,
    scale=st.floats(1, 6),
    noise=st.floats(0, 100),
    compression=COMPRESSIONS,
)
def test_any_chain_keeps_shape_and_depth_and_does_the_same_again(shape, mode, deep, blur, scale, noise, compression):
    dtype = np.uint16 if deep else np.uint8
    pixels = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (*shape, len(mode)), dtype)
    before = pixels.copy()
    chain = Chain(blur, scale=scale, noise=noise, **compression)
    if deep and compression:
        with pytest.raises(ImageError, match=r"has 16 bits per channel, which (JPEG|WebP) does not support"):
            chain(pixels, mode)
        return
    after = chain(pixels, mode)
    assert (after.shape, after.dtype) == (pixels.shape, pixels.dtype)
    np.testing.assert_array_equal(chain(pixels, mode), after)
    np.testing.assert_array_equal(pixels, before)


def test_webp_comes_last(photo):
    np.testing.assert_array_equal(Chain(webp=40)(photo), through_webp(photo, 40))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"linear": True}, "--linear is about the blur; add --blur"),
        ({"small_jpeg": 50}, "are about a smaller image; add --scale 2"),
        ({"down": "box"}, "are about a smaller image; add --scale 2"),
        ({"up": "box"}, "are about a smaller image; add --scale 2"),
        ({"jpeg": 50, "webp": 50}, "--jpeg and --webp cannot be combined"),
        ({"noise": float("nan")}, "--noise must be 0 to 100, not nan"),
        ({"noise": 101}, "--noise must be 0 to 100, not 101"),
        ({"scale": float("nan")}, "--scale must be 1 to 16, not nan"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(values, message):
    with pytest.raises(SharpError, match=message):
        Chain(**values)
