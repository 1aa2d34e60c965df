import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sharpcli_training.fit.losses import restoration_loss
from sharpcli_training.networks.base import to_luma
from sharpcli_training.recipe import Recipe

SHARE = st.floats(0, 1, allow_nan=False)


def recipe(network="teacher", **settings):
    return Recipe(network, 8, 1, steps=1, peak_rate=1e-3, loss="l1", **settings)


@given(luma_share=SHARE, teacher_share=SHARE, channels=st.sampled_from([1, 3]))
def test_shares_are_parts_of_one_loss(luma_share, teacher_share, channels):
    """An error of one level everywhere costs one level, whatever part of it is measured on luma or against a label."""
    degraded = torch.full((2, channels, 8, 8), 0.25)
    sharpened = torch.full((2, channels, 8, 8), 0.5)
    reference = sharpened + 1 / 255
    label = torch.full((2, 1, 8, 8), 0.5) + 1 / 255
    settings = recipe(luma_share=luma_share, teacher_share=teacher_share)
    loss = restoration_loss(settings, degraded, sharpened, reference, label, "l1")
    assert loss.item() == pytest.approx(1, abs=1e-3)


def test_a_label_of_luma_is_compared_with_the_luma_of_an_rgb_prediction():
    sharpened = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    label = to_luma(sharpened)
    loss = restoration_loss(recipe(teacher_share=1.0), sharpened, sharpened, sharpened, label, "l1")
    assert loss.item() == pytest.approx(0, abs=1e-4)


def test_a_luma_share_of_one_sees_no_error_of_colour():
    reference = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    grey = to_luma(reference).expand(-1, 3, -1, -1)
    losses = (restoration_loss(recipe(luma_share=share), grey, grey, reference, None, "l1") for share in (1.0, 0.0))
    on_luma, on_rgb = (loss.item() for loss in losses)
    assert on_luma == pytest.approx(0, abs=1e-3)
    assert on_rgb > 10
