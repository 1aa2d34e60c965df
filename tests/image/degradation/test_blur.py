"""Kinds of blur by name: which texts are understood, and what their kernels look like."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.errors import SharpError
from sharpcli.image.degradation.blur import MOST, Blur

SIZES = st.floats(1, MOST)
BLURS = st.one_of(
    st.builds(Blur, st.sampled_from(["gaussian", "defocus"]), st.floats(0.1, MOST)),
    st.builds(Blur, st.just("motion"), SIZES, st.floats(-360, 360)),
)


@given(SIZES, st.floats(-360, 360))
def test_a_blur_is_what_its_text_says(size, angle):
    assert Blur.parse(f"gaussian:{size}") == Blur("gaussian", size)
    assert Blur.parse(f" Defocus:{size}") == Blur("defocus", size)
    assert Blur.parse(f"motion:{size},{angle}") == Blur("motion", size, angle)


FORMS = "--blur wants gaussian:SIGMA, defocus:RADIUS or motion:LENGTH,ANGLE, not "
WRONG = {
    "gaus:1": f"{FORMS}'gaus:1'",
    "gaussian": f"{FORMS}'gaussian'",
    "gaussian:": f"{FORMS}'gaussian:'",
    "defocus:2,30": f"{FORMS}'defocus:2,30'",
    "motion:7": f"{FORMS}'motion:7'",
    "motion:7,30,1": f"{FORMS}'motion:7,30,1'",
    "": f"{FORMS}''",
    "gaussian:0": "--blur gaussian wants a SIGMA of 0.1 to 12 pixels, not 0",
    "gaussian:nan": "--blur gaussian wants a SIGMA of 0.1 to 12 pixels, not nan",
    "defocus:12.5": "--blur defocus wants a RADIUS of 0.1 to 12 pixels, not 12.5",
    "motion:0.5,0": "--blur motion wants a LENGTH of 1 to 12 pixels, not 0.5",
    "motion:5,inf": "--blur motion wants an ANGLE of -360 to 360 degrees, not inf",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_blur_is_refused_with_what_would_be_one(text):
    with pytest.raises(SharpError) as caught:
        Blur.parse(text)
    assert str(caught.value) == WRONG[text]


@given(BLURS)
def test_kernels_keep_the_light_and_move_nothing(blur):
    kernel = blur.kernel()
    side = np.arange(len(kernel)) - len(kernel) // 2
    assert kernel.shape == (len(kernel), len(kernel))
    assert len(kernel) % 2 == 1
    assert kernel.min() >= 0
    assert kernel.sum() == pytest.approx(1, abs=1e-12)
    assert kernel.sum(0) @ side == pytest.approx(0, abs=1e-9)
    assert kernel.sum(1) @ side == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("sigma", [0.7, 1.2, 3, 12])
def test_sigma_is_the_standard_deviation(sigma):
    line = Blur("gaussian", sigma).kernel().sum(0)
    assert (line @ np.square(np.arange(len(line)) - len(line) // 2)) ** 0.5 == pytest.approx(sigma, rel=2e-3)


@pytest.mark.parametrize("radius", [2, 3.5, 12])
def test_radius_is_that_of_an_even_disc(radius):
    kernel = Blur("defocus", radius).kernel()
    assert kernel.max() == pytest.approx(1 / (math.pi * radius**2), rel=0.01)
    line = kernel[len(kernel) // 2]
    assert (line > line.max() / 2).sum() == pytest.approx(2 * radius, abs=1)


def test_a_motion_goes_up_and_right_at_an_angle_of_45_degrees():
    kernel = Blur("motion", 9, 45).kernel()
    middle = len(kernel) // 2
    assert kernel[middle - 2, middle + 2] > 0.05
    assert kernel[middle + 2, middle + 2] == 0
    np.testing.assert_allclose(kernel, Blur("motion", 9, 225).kernel(), atol=1e-12)


def test_a_motion_is_seen_by_as_many_pixels_as_it_is_long():
    seen = Blur("motion", 7, 0).kernel().sum(0)
    assert (seen > 0.01).sum() == 7
    np.testing.assert_allclose(Blur("motion", 7, 90).kernel().sum(1), seen, atol=1e-9)
