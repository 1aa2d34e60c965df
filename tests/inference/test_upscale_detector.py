"""Whether an image was enlarged exactly twice, on real photographs."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from sharpcli.image.compression import through_jpeg
from sharpcli.image.resample import degrade, resize
from sharpcli.inference.upscale_detector import doubling

PHASES = list(product((0, 1), (0, 1)))
PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")


@pytest.fixture(scope="module", params=PHOTOGRAPHS)
def original(request):
    return getattr(data, request.param)()[:360, :400]


@pytest.fixture(scope="module")
def doubled(original):
    return degrade(original, 2)


@pytest.mark.parametrize("phase", PHASES)
def test_the_phase_of_an_enlargement_is_found(doubled, phase):
    assert doubling(doubled[phase[0] :, phase[1] :]) == phase


@pytest.mark.parametrize("scale", [1, 1.5, 1.9, 2.1, 2.5, 3, 4])
@pytest.mark.parametrize("jpeg", [None, 75])
def test_sharp_images_and_other_scales_are_unknown(original, scale, jpeg):
    assert doubling(degrade(original, scale, jpeg=jpeg)) is None


def test_enlarging_by_another_kernel_or_along_one_side_only_is_unknown(original):
    assert doubling(degrade(original, 2, up="lanczos")) is None
    assert doubling(resize(original[:180], (360, 400))) is None


@pytest.mark.parametrize("quality", [50, 75, 90, 95])
def test_a_small_image_that_was_a_jpeg_is_unknown(original, quality):
    assert doubling(degrade(original, 2, jpeg=quality)) is None


def test_a_small_image_that_was_soft_itself_is_unknown(original):
    """Weights for x2 do harm to it: what they would sharpen is not what is missing."""
    assert doubling(degrade(original, 4, up="bilinear")) is None
    small = resize(original, (90, 100))
    assert doubling(resize(resize(small, (180, 200)), (360, 400))) is None


def test_what_was_done_to_the_image_afterwards_makes_it_unknown(doubled):
    rng = np.random.default_rng(0)
    noisy = np.clip(doubled + rng.normal(0, 4, doubled.shape), 0, 255).astype(np.uint8)
    assert doubling(noisy) is None
    assert doubling(through_jpeg(doubled, 90)) is None
    assert doubling(resize(doubled, (300, 330))) is None


def test_a_sharp_part_makes_the_whole_unknown(original, doubled):
    collage = doubled.copy()
    collage[200:, 200:] = original[200:, 200:]
    assert doubling(collage) is None


def test_every_way_to_hold_the_pixels_gives_the_same_answer(original, doubled):
    assert doubling(doubled.astype(np.uint16) * 257) == (0, 0)
    assert doubling(doubled.astype(np.float32) / 255) == (0, 0)
    grey = original.mean(axis=2, keepdims=True).astype(np.uint8)
    assert doubling(degrade(grey, 2, "L")[1:]) == (1, 0)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (1, 500), (31, 400), (40, 40)])
def test_an_image_too_small_to_tell_is_unknown(doubled, size):
    assert doubling(doubled[: size[0], : size[1]]) is None


@pytest.mark.parametrize("value", [0, 100, 255])
def test_a_flat_image_is_unknown(value):
    assert doubling(np.full((200, 200, 3), value, np.uint8)) is None


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(150, 300),
    st.integers(150, 300),
)
def test_a_crop_moves_the_phase_and_is_never_taken_for_another(top, left, height, width):
    """A crop may show too little to tell, but what is told is true."""
    doubled = degrade(data.chelsea()[:300, :450], 2)
    assert doubling(doubled[top : top + height, left : left + width]) in ((top % 2, left % 2), None)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 400), st.integers(1, 400), st.sampled_from([1, 3]))
def test_noise_of_any_size_is_unknown(seed, height, width, channels):
    assert doubling(np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)) is None
