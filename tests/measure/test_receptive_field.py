import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, uniform_filter

from sharpcli.measure.receptive_field import change_from_beyond, receptive_field


def box(pixels, radius):
    return uniform_filter(pixels, (2 * radius + 1, 2 * radius + 1, 1), mode="nearest")


def noise(height, width, dtype="float32"):
    levels = np.random.default_rng(height * width).integers(0, 256, (height, width, 3), np.uint8)
    return levels if dtype == "uint8" else levels / np.float32(255)


@examples(max_examples=25)
@given(radius=st.integers(0, 9), height=st.integers(40, 60), width=st.integers(40, 60))
def test_the_receptive_radius_of_a_box_is_its_radius(radius, height, width):
    measured = receptive_field(lambda pixels: box(pixels, radius), noise(height, width))
    # A sliding sum carries its rounding along the row, far below what can be seen.
    assert measured.visible == radius


@pytest.mark.parametrize(("sigma", "visible"), [(1, 2), (2, 4)])
@pytest.mark.parametrize("radius", [4, 6])
def test_the_tail_of_a_gaussian_is_there_and_not_to_be_seen(sigma, visible, radius):
    """Of a change of 1, exp(-r^2 / 2 sigma^2) / (2 pi sigma^2) is left r pixels along a row; half a level shows."""
    measured = receptive_field(
        lambda p: gaussian_filter(p, (sigma,) * 2 + (0,), radius=(radius,) * 2 + (0,)), noise(60, 60)
    )
    assert measured.visible == visible
    assert measured.any == radius
    assert not measured.whole


def test_a_shift_is_seen_to_its_own_side_only():
    measured = receptive_field(lambda pixels: np.roll(pixels, 7, axis=1), noise(48, 48))
    assert (measured.any, measured.visible, measured.whole) == (7, 7, False)


def test_every_phase_of_a_sampling_grid_is_tried():
    def block_means(pixels):
        means = pixels.reshape(pixels.shape[0] // 8, 8, pixels.shape[1] // 8, 8, 3).mean((1, 3))
        return means.repeat(8, 0).repeat(8, 1)

    assert receptive_field(block_means, noise(64, 64)).visible == 7


def test_what_goes_through_the_whole_image_reaches_its_border():
    assert receptive_field(lambda pixels: pixels + pixels.mean(), noise(40, 40)).whole
    assert receptive_field(lambda pixels: pixels.cumsum(axis=1) / 40, noise(40, 40)).whole


def test_bytes_are_measured_in_levels():
    measured = receptive_field(
        lambda pixels: box(pixels.astype(np.float32), 4).astype(np.uint8), noise(40, 40, "uint8")
    )
    assert measured.any == measured.visible == 4


def test_one_more_compilation_is_no_receptive_radius():
    """An engine that compiles for a size that comes again may add in another order from then on."""
    calls = []

    def function(pixels):
        calls.append(1)
        return box(pixels, 2) + np.float32(1e-7 if len(calls) > 1 else 0)

    measured = receptive_field(function, noise(40, 40))
    assert not measured.whole
    assert measured.visible == 2


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (5, 3)])
def test_small_images_can_be_measured(size):
    assert receptive_field(lambda pixels: pixels, noise(*size)).visible == 0


@examples(max_examples=25)
@given(radius=st.integers(0, 9), declared=st.integers(0, 12))
def test_replacing_what_lies_beyond_a_receptive_radius_shows_when_it_is_too_small(radius, declared):
    change = change_from_beyond(lambda pixels: box(pixels, radius), noise(70, 70), declared)
    assert (change > 1e-4) == (declared < radius)


def test_a_mean_is_seen_by_replacing_and_not_by_one_pixel():
    def function(pixels):
        return pixels - pixels.mean()

    pixels = noise(100, 100)
    assert receptive_field(function, pixels).visible == 0
    assert change_from_beyond(function, pixels, 3) > 0.3
