"""The tensor code against those who do the same in other ways: SciPy, Pillow, libjpeg."""

import io
import math

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage
from skimage import data

from sharpcli_training.data.degradation.chain import degrade
from sharpcli_training.data.degradation.kernels import kernels
from tests.training.degradations import drawn

SIDE = 144
INNER = slice(24, -24)
"""What is compared: blur in the frequency domain wraps around at the borders."""
KERNELS = {
    "bicubic": (Image.Resampling.BICUBIC, {"down": 0}, {"up": 0}),
    "lanczos": (Image.Resampling.LANCZOS, {"down": 1}, {"up": 1}),
    "bilinear": (Image.Resampling.BILINEAR, {"down": 2}, {"up": 2}),
    "box": (Image.Resampling.BOX, {"down": 2, "box": True}, None),
}


@pytest.fixture(scope="module")
def gray():
    return np.ascontiguousarray(np.asarray(Image.fromarray(data.astronaut()).convert("L"))[40 : 40 + SIDE, 130:274])


@pytest.fixture(scope="module")
def rgb():
    return np.ascontiguousarray(data.chelsea()[60 : 60 + SIDE, 130:274])


def through(image, **changes):
    """The image after a chain with these changes, as an array of the same shape."""
    levels = torch.from_numpy(np.atleast_3d(image).copy()).permute(2, 0, 1)[None].float()
    out = degrade(levels, drawn(**changes), torch.Generator().manual_seed(0))
    return out[0].permute(1, 2, 0).numpy().reshape(image.shape)


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


@pytest.mark.parametrize("scale", [1.1, 1.2, 1.5, 2.0, 2.4, 3.0])
@pytest.mark.parametrize("down", KERNELS)
@pytest.mark.parametrize("up", ["bicubic", "lanczos", "bilinear"])
def test_resampling_is_pillows(gray, down, up, scale):
    """To the byte, but for the borders of the coarse grid, which here goes on where Pillow's ends."""
    size = round(SIDE / scale)
    small = Image.fromarray(gray).resize((size, size), KERNELS[down][0])
    expected = np.asarray(small.resize((SIDE, SIDE), KERNELS[up][0])).astype(int)
    result = through(gray, resample=True, scale=SIDE / size, **KERNELS[down][1], **KERNELS[up][2])
    np.testing.assert_array_equal(result[INNER, INNER], expected[INNER, INNER])


def test_a_reduction_without_antialiasing_keeps_what_antialiasing_takes():
    stripes = np.tile(np.array([0, 255], np.uint8), (SIDE, SIDE // 2))
    smooth, rough = (through(stripes, resample=True, scale=1.7, down=down)[INNER, INNER] for down in (0, 3))
    assert rough.std() > 2 * smooth.std()


@pytest.mark.parametrize("quality", [40, 60, 75, 90, 97])
def test_gray_jpeg_is_libjpegs_but_for_single_coefficients(gray, quality):
    """libjpeg transforms in integers, so that a coefficient at a half may round the other way: 64 pixels see it."""
    expected = saved(gray, quality)
    wrong = np.abs(through(gray, jpeg=True, quality=quality) - expected)
    assert np.sqrt((wrong**2).mean()) < 0.75
    assert (wrong > 1).mean() < 0.06


@pytest.mark.parametrize("quality", [50, 75, 90])
def test_color_jpeg_is_near_libjpegs(rgb, quality):
    """Chroma is raised by another kernel there, and everything is rounded in between."""
    wrong = through(rgb, jpeg=True, quality=quality) - saved(rgb, quality)
    assert np.sqrt((wrong**2).mean()) < 1.5


def saved(image, quality):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file)).astype(float)


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
