"""Blur, noise and sharpening against SciPy and what they are called; `test_pillow.py` has the rest."""

import math

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage
from skimage import data

from sharpcli_training.data.degradation.kernels import kernels
from tests.training.degradations import drawn, through

SIDE = 144
INNER = slice(24, -24)
"""What is compared: blur in the frequency domain wraps around at the borders."""


@pytest.fixture(scope="module")
def gray():
    return np.ascontiguousarray(np.asarray(Image.fromarray(data.astronaut()).convert("L"))[40 : 40 + SIDE, 130:274])


@pytest.fixture(scope="module")
def rgb():
    return np.ascontiguousarray(data.chelsea()[60 : 60 + SIDE, 130:274])


def test_nothing_drawn_changes_nothing(rgb):
    np.testing.assert_array_equal(through(rgb), rgb)


@pytest.mark.parametrize("sigma", [0.5, 1.5, 2.5])
def test_gaussian_blur_is_scipys(gray, sigma):
    expected = ndimage.gaussian_filter(gray.astype(float), sigma, truncate=12 / sigma)
    assert np.abs(through(gray, blur=True, sigma=sigma) - expected)[INNER, INNER].max() <= 0.51


@pytest.mark.parametrize(
    "changes",
    [
        {"sigma": 2.0, "anisotropy": 0.4, "theta": 0.7},
        {"kind": 1, "radius": 3.3},
        {"kind": 2, "length": 9.0, "theta": 0.5},
    ],
    ids=["anisotropic", "disc", "motion"],
)
def test_other_blurs_are_a_convolution_with_their_kernel(gray, changes):
    kernel = kernels(drawn(blur=True, **changes))[0].numpy()
    expected = ndimage.convolve(gray.astype(float), kernel)
    assert np.abs(through(gray, blur=True, **changes) - expected)[INNER, INNER].max() <= 0.51


def test_kernels_are_what_they_are_called():
    disc = kernels(drawn(kind=1, radius=3.0))[0]
    assert float(disc.max()) == pytest.approx(1 / (math.pi * 9), rel=0.01)
    across = kernels(drawn(kind=2, length=9.0, theta=0.0))[0]
    assert float(across[12].sum()) == pytest.approx(1, abs=1e-5)
    upright = kernels(drawn(kind=2, length=9.0, theta=math.pi / 2))[0]
    torch.testing.assert_close(upright, across.T, atol=1e-5, rtol=0)


def test_blur_in_linear_light_favors_the_bright(gray):
    edge = np.zeros((SIDE, SIDE), np.uint8)
    edge[:, SIDE // 2 :] = 255
    mixed = through(edge, blur=True, sigma=2.0, linear=True)[72]
    assert mixed[70] > through(edge, blur=True, sigma=2.0)[72][70] + 20


def test_a_reduction_without_antialiasing_keeps_what_antialiasing_takes():
    stripes = np.tile(np.array([0, 255], np.uint8), (SIDE, SIDE // 2))
    smooth, rough = (through(stripes, resample=True, scale=1.7, down=down)[INNER, INNER] for down in (0, 3))
    assert rough.std() > 2 * smooth.std()


def test_noise_has_the_deviation_that_was_asked_for(gray, rgb):
    flat = np.full_like(gray, 128)
    for correlation in (0.0, 0.8):
        noise = through(flat, noise=5.0, correlation=correlation) - flat
        assert noise.std() == pytest.approx(5, rel=0.08)
    luma = (through(np.full_like(rgb, 128), noise=5.0, color_noise=True) - 128) @ np.array([0.299, 0.587, 0.114])
    assert luma.std() == pytest.approx(5, rel=0.05)


def test_shot_noise_follows_the_light():
    dark, bright = (through(np.full((SIDE, SIDE), level, np.uint8), noise=5.0, shot=1.0).std() for level in (30, 200))
    assert bright / dark == pytest.approx((200 / 30) ** 0.5, rel=0.1)


def test_oversharpening_makes_halos():
    edge = np.full((SIDE, SIDE), 80, np.uint8)
    edge[:, SIDE // 2 :] = 160
    row = through(edge, sharpen=0.8)[72]
    assert row[SIDE // 2 - 1] < 70
    assert row[SIDE // 2] > 170
