"""The command's degradations, which need no torch, are those that training's tensor code learns from."""

import math

import numpy as np
import pytest
import torch
from skimage import data

from sharpcli.image.degradation.blur import Blur
from sharpcli.image.degradation.chain import Chain
from sharpcli_training.data.degradation.chain import degrade
from sharpcli_training.data.degradation.vector import vector
from tests.helpers.scripts import benchmark
from tests.training.degradations import drawn

SIDE = 144
INNER = np.s_[24:-24, 24:-24]
"""What is compared: training takes an image to repeat beyond its borders, the command to go on mirrored."""
LUMA = np.array([0.299, 0.587, 0.114])
LUMA_OF_NOISE = float(np.sqrt(np.square(LUMA).sum()))
"""Deviation of luma where R, G and B have noise of deviation 1: training's noise is told as luma's."""


@pytest.fixture(scope="module")
def rgb():
    return np.ascontiguousarray(data.astronaut()[40 : 40 + SIDE, 130 : 130 + SIDE])


def by_training(image, **changes):
    levels = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float()
    out = degrade(levels, drawn(**changes), torch.Generator().manual_seed(0))
    return out[0].permute(1, 2, 0).numpy()


BLURS = [
    (Blur("gaussian", 0.5), {"sigma": 0.5}),
    (Blur("gaussian", 1.2), {"sigma": 1.2}),
    (Blur("gaussian", 3.0), {"sigma": 3.0}),
    (Blur("defocus", 0.9), {"kind": 1, "radius": 0.9}),
    (Blur("defocus", 2.0), {"kind": 1, "radius": 2.0}),
    (Blur("defocus", 4.5), {"kind": 1, "radius": 4.5}),
    # Training counts angles clockwise, as rows count downwards.
    (Blur("motion", 2.5, 90), {"kind": 2, "length": 2.5, "theta": math.pi / 2}),
    (Blur("motion", 7, 30), {"kind": 2, "length": 7.0, "theta": -math.pi / 6}),
    (Blur("motion", 11, 100), {"kind": 2, "length": 11.0, "theta": -math.radians(100)}),
]


@pytest.mark.parametrize(("blur", "changes"), BLURS, ids=[str(blur) for blur, _ in BLURS])
@pytest.mark.parametrize("linear", [False, True], ids=["levels", "light"])
def test_blurs_agree_within_a_level(rgb, blur, changes, linear):
    here = Chain(blur, linear)(rgb).astype(float)
    there = by_training(rgb, blur=True, linear=linear, **changes)
    assert np.abs(here - there)[INNER].max() <= 1
    assert np.abs(rgb - there)[INNER].max() > 10


@pytest.mark.parametrize("scale", [1.5, 2, 3])
def test_resampling_agrees_to_the_byte(rgb, scale):
    here = Chain(scale=scale, down="lanczos", up="bilinear")(rgb)
    there = by_training(rgb, resample=True, scale=scale, down=1, up=2)
    np.testing.assert_array_equal(here[INNER], there[INNER])


@pytest.mark.parametrize("deviation", [2.0, 8.0])
def test_noise_has_the_same_deviation(deviation):
    grey = np.full((SIDE, SIDE, 1), 128, np.uint8)
    color = np.full((SIDE, SIDE, 3), 128, np.uint8)
    for flat, told in ((grey, deviation), (color, deviation * LUMA_OF_NOISE)):
        here = Chain(noise=deviation)(flat, "L" if flat is grey else "RGB").std((0, 1))
        there = by_training(flat, noise=told, color_noise=True).std((0, 1))
        np.testing.assert_allclose(here, there, rtol=0.04)


@pytest.mark.parametrize("quality", [40, 75, 95])
@pytest.mark.parametrize("grey", [True, False], ids=["grey", "color"])
def test_jpeg_agrees_but_for_single_coefficients(rgb, quality, grey):
    image = np.ascontiguousarray(rgb[..., :1]) if grey else rgb
    here = Chain(jpeg=quality)(image, "L" if grey else "RGB")
    there = by_training(image, jpeg=True, quality=quality)
    assert np.sqrt(np.square(here - there).mean()) < (0.75 if grey else 1.5)


TOLD = [
    *((Chain(blur), {"blur": True, **how}) for blur, how in BLURS),
    *((Chain(blur, linear=True), {"blur": True, "linear": True, **how}) for blur, how in BLURS),
    (Chain(scale=1.5, down="lanczos", up="bilinear"), {"resample": True, "scale": 1.5, "down": 1, "up": 2}),
    (Chain(scale=3, down="bilinear", up="lanczos"), {"resample": True, "scale": 3, "down": 2, "up": 1}),
    (
        Chain(scale=2, down="box", small_jpeg=50),
        {"resample": True, "scale": 2, "down": 2, "box": True, "jpeg_before": True, "quality_before": 50},
    ),
    (Chain(noise=5, jpeg=75), {"noise": 5 * LUMA_OF_NOISE, "jpeg": True, "quality": 75}),
]


@pytest.mark.parametrize(("chain", "changes"), TOLD, ids=[str(index) for index in range(len(TOLD))])
def test_the_truth_of_benchmarks_is_what_training_told(chain, changes):
    told = benchmark("truth").true_degradation(chain).vector()
    assert told == pytest.approx(vector(drawn(**changes))[0].tolist(), abs=1e-4)
