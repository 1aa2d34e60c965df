"""Polyblur on photographs and edges whose blur is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

from sharpcli.testing import run_enhancer
from sharpcli_polyblur import Gaussian, Polyblur, estimated, gradient, polynomial, reblurred, without_halos

PHOTO = np.float32(data.astronaut()) / 255


def disc():
    """Edges of full contrast in all directions, as sharp as a lens makes them."""
    y, x = np.mgrid[-64:64, -64:64]
    return ndimage.gaussian_filter(np.float32(x**2 + y**2 < 40**2), 0.6)


def kernel(along, across, angle):
    """A Gaussian in pixels, made independently of its transform."""
    y, x = np.mgrid[-12:13, -12:13]
    turned = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    weights = np.exp(-((turned[0] / along) ** 2) / 2 - (turned[1] / across) ** 2 / 2)
    return np.float32(weights / weights.sum())


def decibels(result, sharp):
    return peak_signal_noise_ratio(sharp, result.clip(0, 1), data_range=1)


@pytest.mark.parametrize("sigma", [0.7, 1, 1.5])
def test_a_blurred_photograph_comes_nearer_to_the_sharp_one_and_nearer_still_by_a_second_round(sigma):
    soft = ndimage.gaussian_filter(PHOTO, (sigma, sigma, 0))
    once, twice = (decibels(run_enhancer(Polyblur(iterations=count), soft), PHOTO) for count in (1, 2))
    assert once > decibels(soft, PHOTO) + 2
    assert twice > once + 0.5


@settings(max_examples=25)
@given(across=st.floats(1, 1.8), ratio=st.floats(1.5, 2), angle=st.floats(0, np.pi))
def test_the_sizes_and_the_direction_of_a_blur_are_found(across, ratio, angle):
    found = estimated(ndimage.convolve(disc(), kernel(ratio * across, across, angle)))
    assert found.across == pytest.approx(across, rel=0.25)
    assert found.along == pytest.approx(ratio * across, rel=0.25)
    aside = (found.angle - angle + np.pi / 2) % np.pi - np.pi / 2
    assert abs(np.degrees(aside)) < 15


def test_a_blur_is_undone_along_its_own_direction():
    sharp = PHOTO[:240, :260, 0]
    soft = ndimage.convolve(sharp, kernel(2, 0.7, np.pi / 6))
    right, wrong = (decibels(reblurred(soft, Gaussian(2, 0.7, angle)), sharp) for angle in (np.pi / 6, -np.pi / 6))
    assert right > wrong + 1
    assert right > decibels(soft, sharp) + 1.5


def test_a_mild_blur_is_inverted_and_lost_frequencies_are_not_amplified():
    value, slope = polynomial(), np.polyder(polynomial())
    assert np.polyval(value, 1) == 1
    assert np.polyval(slope, 1) == -1
    assert np.polyval(np.polyder(slope), 1) == 6
    assert np.polyval(value, 0) == 1


def test_an_edge_gets_steeper_and_its_halo_smaller():
    edge = np.tile(ndimage.gaussian_filter1d(np.float32([0.3] * 30 + [0.7] * 30), 1.5), (30, 1))
    raw = reblurred(edge, Gaussian(1.5, 1.5, 0))
    clean = without_halos(edge, raw)
    beside = np.s_[10:20, 33:50]
    assert np.abs(clean - 0.7)[beside].sum() < 0.75 * np.abs(raw - 0.7)[beside].sum()
    assert np.diff(clean[15]).max() > 1.2 * np.diff(edge[15]).max()


def test_only_where_a_gradient_was_turned_round_the_result_is_drawn_back():
    soft = ndimage.gaussian_filter(PHOTO[..., 0], 1.5)
    raw = reblurred(soft, Gaussian(1.5, 1.5, 0))
    clean = without_halos(soft, raw)
    kept = sum(before * after for before, after in zip(gradient(soft), gradient(raw), strict=True)) >= 0
    assert 0.5 < kept.mean() < 0.99
    np.testing.assert_array_equal(clean[kept], raw[kept])
    between = np.minimum(soft, raw) - 1e-6 <= clean, clean <= np.maximum(soft, raw) + 1e-6
    assert np.all(between)
    assert np.abs(clean - soft)[~kept].mean() < 0.7 * np.abs(raw - soft)[~kept].mean()


@pytest.mark.parametrize("turn", [np.fliplr, np.flipud, lambda pixels: pixels.transpose(1, 0, 2)])
def test_a_mirrored_image_gives_the_mirrored_result(turn):
    soft = ndimage.gaussian_filter(PHOTO[:240, :260], (1, 2, 0))
    expected = turn(run_enhancer(Polyblur(), soft))
    np.testing.assert_allclose(run_enhancer(Polyblur(), np.ascontiguousarray(turn(soft))), expected, atol=2e-3)


def test_grey_is_treated_as_three_equal_channels():
    grey = ndimage.gaussian_filter(PHOTO[..., :1], (1, 1, 0))
    result = run_enhancer(Polyblur(), grey)
    assert np.abs(result - grey).max() > 0.05
    np.testing.assert_allclose(run_enhancer(Polyblur(), grey.repeat(3, axis=2)), result.repeat(3, axis=2), atol=1e-5)


@pytest.mark.parametrize("level", [0, 0.4, 1])
def test_what_has_no_contrast_is_left_alone(level):
    flat = np.full((20, 30, 3), level, np.float32)
    np.testing.assert_array_equal(run_enhancer(Polyblur(iterations=3), flat), flat)
