"""Profile `auto` on clips: those with as few bits as a call's go to profile `call`, where there is one."""

import dataclasses

import av
import numpy as np
import pytest

from sharpcli.inference.enhancers import CALL_BITS
from sharpcli.pipeline.guard import finding
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.video.clip import opened
from sharpcli.video.frames import decide

pytestmark = pytest.mark.skipif(
    "call" not in type(create_enhancer("student-live", {})).profiles, reason="no weights of profile call"
)


def clip(path, bits):
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264" if bits < 1 else "ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        if bits < 1:
            stream.bit_rate = int(bits * 25 * 160 * 120)
            stream.options = {"maxrate": str(stream.bit_rate), "bufsize": str(stream.bit_rate // 4)}
        for _ in range(25):
            side = 8 if bits < 1 else 1
            shape = (120 // side, 160 // side)
            frame = np.kron(rng.integers(60, 200, shape, np.uint8), np.ones((side, side), np.uint8))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.dstack([frame] * 3), format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("suffix", "bits", "profile"), [(".mp4", 0.06, True), (".mkv", 0.03, True), (".mkv", 8, False)]
)
def test_auto_takes_few_bits_for_a_call_and_says_so(tmp_path, suffix, bits, profile):
    path = clip(tmp_path / f"clip{suffix}", bits)
    with opened(path) as source:
        assert (source.bits_per_pixel < CALL_BITS) == profile
    chosen = decide(path, create_enhancer("student-live", {}))
    assert (chosen.profile == "call") == profile
    assert ("bits per pixel" in finding(chosen)) == profile


def test_a_profile_that_was_asked_for_stays(tmp_path):
    path = clip(tmp_path / "clip.mp4", 0.06)
    asked = create_enhancer("student-live", {"profile": "photo"})
    assert decide(path, asked) == dataclasses.replace(asked)
