"""The encoders of calls, as training and the benchmark of calls set them."""

import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("av", reason="PyAV is not installed")
from sharpcli_training.data.call_codecs import CODECS, LEARNED, coded_planes, rate_of_call
from sharpcli_training.data.camera import Camera


@pytest.mark.parametrize("codec", CODECS)
def test_every_frame_comes_back_like_itself(codec):
    ramp = np.add.outer(np.arange(96), np.arange(64)).astype(np.uint8)
    frames = [np.roll(ramp, number, 1) for number in range(4)]
    decoded = coded_planes(frames, codec, 500e3, 25)
    assert [frame.shape for frame in decoded] == [(96, 64)] * 4
    assert np.abs(decoded[-1][:64].astype(int) - frames[-1][:64]).mean() < 12


def test_one_codec_is_held_out():
    assert set(CODECS) - set(LEARNED) == {"av1"}


def test_rates_are_libwebrtcs_and_lie_between_those_of_its_sizes():
    assert rate_of_call(1280 * 720, 0) == pytest.approx(600e3)
    assert rate_of_call(1280 * 720, 1) == pytest.approx(2500e3)
    assert rate_of_call(640 * 360, 0.5) == pytest.approx((150e3 * 700e3) ** 0.5)
    assert rate_of_call(100 * 100, 0) == pytest.approx(30e3)
    assert rate_of_call(400 * 400, 0.5) < rate_of_call(448 * 448, 0.5) < 700e3


@pytest.mark.parametrize("module", ["call_codecs", "calls"])
def test_packs_and_benchmarks_of_calls_need_no_torch(module):
    code = f"import sys, sharpcli_training.data.{module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False).returncode == 0


def test_a_dark_room_is_darker_and_its_noise_is_not_in_the_reference():
    camera = Camera(light=0.5, noise=5, softness=0.7, motion=1, sharpening=0, quality=0)
    planes = [np.full((64, 64), 116, np.uint8), np.full((32, 32), 128, np.uint8), np.full((32, 32), 128, np.uint8)]
    lit = camera.lit(planes)
    seen = camera.seen(lit, np.random.default_rng(0))
    assert (lit[0] == 66).all()
    assert 3 < seen[0].std() < 7
