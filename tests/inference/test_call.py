"""Profile `call`: what a call did to a frame is found, said and undone."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from skimage import data

from sharpcli.errors import SharpError
from sharpcli.inference.degradation import CALL_SCALE, CALL_TRUST, Degradation
from sharpcli.inference.estimator import CALL_WEIGHTS, WEIGHTS
from sharpcli.pipeline.guard import finding, for_frames
from sharpcli.pipeline.spec import create_enhancer
from tests.helpers.calls import called


def psnr(one, other):
    return 10 * np.log10(255**2 / np.square(one.astype(float) - other).mean())


@pytest.fixture(scope="module")
def face():
    """A frame, and the same as a call delivers it: at half size, with few bits."""
    image = Image.fromarray(data.astronaut()).convert("L").resize((384, 384), Image.Resampling.LANCZOS)
    due = np.asarray(image)
    return due, called(due, scale=2, bits=0.15)


@pytest.mark.parametrize("name", ["student-live", "student"])
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_what_a_call_took_is_found_and_some_of_it_given_back(face, name, precision):
    due, came = face
    chosen = for_frames(create_enhancer(name, {"profile": "call", "precision": precision}), came[..., None])
    assert "enlarged about 2.0 times" in finding(chosen)
    assert "video coding of about" in finding(chosen)
    assert "JPEG" not in finding(chosen)
    result = chosen.enhance(came[..., None])[..., 0]
    assert psnr(result, due) > psnr(came, due) + 0.3


def test_what_can_be_told_of_a_photograph_has_no_effect_on_a_call(face):
    enhancer = create_enhancer("student-live", {"profile": "call", "blur": 2.0})
    with pytest.raises(SharpError, match="blur has no effect with profile call"):
        for_frames(enhancer, face[1][..., None])


def test_the_estimator_of_calls_is_among_its_files():
    files = create_enhancer("student-live", {"profile": "call"}).weight_files()
    assert CALL_WEIGHTS in files
    assert WEIGHTS not in files


def test_a_line_neither_blurs_nor_does_what_is_in_doubt():
    found = Degradation(blur=(0.9, 0.0, 0.0), sigma=2, resampled=0.4, log_scale=0.7, noise=0.5, jpeg=0.8, quality=45)
    line = found.of_call()
    assert line.describe() == "video coding of about 3.0 levels"
    assert line.vector()[:3] == (0, 0, 0)
    assert line.vector() == replace(Degradation(), jpeg=0.8, quality=105 - CALL_TRUST * 60).vector()
    assert replace(found, jpeg=0.2).of_call().vector() == (0.0,) * len(line.vector())


def test_no_more_is_told_than_networks_have_seen():
    line = Degradation(resampled=1, log_scale=9, jpeg=1, quality=-500).of_call()
    assert np.exp(line.log_scale) == pytest.approx(CALL_SCALE)
    assert max(line.vector()) < 5
