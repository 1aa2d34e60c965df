"""The metrics that come with sharpcli, against those of others."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import convolve2d
from skimage import data

from sharpcli.errors import ImageError
from sharpcli.image.resample import degrade
from sharpcli.scoring.metrics import STANDARD, MsSsim, Psnr, Ssim
from sharpcli.scoring.score import chosen_metrics, measured, score_pixels

PHOTOS = ["astronaut", "chelsea", "coffee", "rocket"]
EVERY = ("psnr", "ssim", "ms-ssim")


def pair(name, side=None):
    original = getattr(data, name)()[:side, :side]
    return degrade(original, 3, jpeg=60), original


AXIS = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
AXIS /= AXIS.sum()


def plainly(a, b, weights=(0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
    """MS-SSIM of two planes as the paper words it, with nothing shared with ours: whole planes and a 2-D window."""
    window = np.outer(AXIS, AXIS)
    mean_a, mean_b, aa, bb, ab = (convolve2d(plane, window, "valid") for plane in (a, b, a * a, b * b, a * b))
    structure = (2 * (ab - mean_a * mean_b) + 58.5225) / (aa - mean_a**2 + bb - mean_b**2 + 58.5225)
    luminance = (2 * mean_a * mean_b + 6.5025) / (mean_a**2 + mean_b**2 + 6.5025)
    if len(weights) == 1:
        return np.mean(structure * luminance) ** weights[0]
    even = [np.pad(plane, [(0, side % 2) for side in plane.shape], "edge") for plane in (a, b)]
    halved = [p.reshape(p.shape[0] // 2, 2, p.shape[1] // 2, 2).mean(axis=(1, 3)) for p in even]
    return np.mean(structure) ** weights[0] * plainly(*halved, weights[1:])


@pytest.mark.training
@pytest.mark.parametrize("convention", ["rgb", "y"])
@pytest.mark.parametrize("name", PHOTOS)
def test_ms_ssim_is_that_of_pytorch_msssim_where_no_side_is_odd(name, convention):
    import pytorch_msssim as theirs
    import torch

    border = 2 if convention == "y" else 0
    result, reference = pair(name, 256 + 2 * border)
    planes = [torch.from_numpy(measured(p, convention).transpose(2, 0, 1)[None].copy()) for p in (result, reference)]
    # Its own window has the precision of float32.
    window = torch.from_numpy(AXIS).repeat(planes[0].shape[1], 1, 1, 1)
    expected = theirs.ms_ssim(*planes, data_range=255, win=window)
    assert score_pixels(result, reference, convention, [MsSsim()])["ms-ssim"] == pytest.approx(
        float(expected), rel=1e-9
    )


@pytest.mark.parametrize("sides", [(176, 176), (177, 301), (299, 449), (230, 181)])
def test_ms_ssim_is_what_the_paper_says_on_odd_sides_too(photo, sides):
    original = photo[: sides[0], : sides[1]]
    result, reference = (pixels.astype(float) for pixels in (degrade(original, 2.5, jpeg=50), original))
    expected = np.mean([plainly(result[..., channel], reference[..., channel]) for channel in range(3)])
    assert MsSsim().measure(result, reference) == pytest.approx(expected, rel=1e-9)


def test_ms_ssim_of_a_negative_is_nothing_and_no_error(photo):
    assert score_pixels(255 - photo, photo, "rgb", [MsSsim()]) == {"ms-ssim": 0}


@pytest.mark.slow
@given(st.floats(0.1, 3), st.integers(0, 255))
def test_ms_ssim_is_from_0_to_1_and_knows_no_order(photo, contrast, grey):
    other = ((photo.astype(float) - 128) * contrast + grey).clip(0, 255).astype(np.uint8)
    there, back = (score_pixels(*both, "y", [MsSsim()])["ms-ssim"] for both in ((other, photo), (photo, other)))
    assert 0 <= there <= 1
    assert there == pytest.approx(back)


@pytest.mark.parametrize("name", EVERY)
def test_more_degradation_scores_less_by_every_metric(photo, name):
    figures = [score_pixels(degrade(photo, scale), photo, "rgb", chosen_metrics([name]))[name] for scale in (1.5, 2, 4)]
    assert figures == sorted(figures, reverse=True)
    assert len(set(figures)) == 3


@pytest.mark.parametrize("convention", ["rgb", "y"])
def test_an_identical_image_is_perfect_by_every_metric(photo, convention):
    figures = score_pixels(photo, photo, convention, chosen_metrics(EVERY))
    assert figures == {"psnr": math.inf, "ssim": pytest.approx(1), "ms-ssim": pytest.approx(1)}


@pytest.mark.parametrize(
    ("sides", "convention", "message"),
    [
        ((175, 300), "rgb", "metric ms-ssim .*needs 176 x 176 pixels"),
        ((300, 179), "y", "metric ms-ssim .*needs 180 x 180 pixels"),
        ((3, 3), "y", "metric ms-ssim .*needs 180 x 180 pixels"),
    ],
)
def test_an_image_too_small_for_one_metric_says_which_needs_what(photo, sides, convention, message):
    small = photo[: sides[0], : sides[1]]
    with pytest.raises(ImageError, match=f"^is too small to be scored: {message}$"):
        score_pixels(small, small, convention, chosen_metrics(EVERY))


def test_metrics_are_chosen_by_name_each_once_in_the_order_given():
    assert [type(metric) for metric in chosen_metrics(["ssim", "ms-ssim", "ssim"])] == [Ssim, MsSsim]
    assert chosen_metrics([]) == STANDARD
    assert [type(metric) for metric in STANDARD] == [Psnr, Ssim]
