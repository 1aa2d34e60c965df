"""A pack of calls: consecutive frames, cut and turned alike."""

import json

import av
import numpy as np
import pytest
import torch
from skimage import data

from sharpcli.errors import SharpError
from sharpcli_training.data.calls import CallPlan, make_calls
from sharpcli_training.data.camera import Camera
from sharpcli_training.data.coded_video import coded_planes
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.fit.losses import LOSSES
from tests.training.clips import write_clip


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    root = tmp_path_factory.mktemp("calls")
    write_clip(root / "clips" / "someone.mp4", np.ascontiguousarray(data.astronaut()[:192, 100:340]), frames=30)
    counts = make_calls(root / "clips", None, root / "pack", CallPlan(runs=6, crops=2), lambda done, total: None)
    assert counts["train"] + counts["val"] == 6 * 2 * 2
    return root


def test_frames_that_follow_one_another_stay_together(pack):
    card = json.loads((pack / "pack" / "pack.json").read_text())
    assert card["frames"] == 2
    split = "train" if card["train"] else "val"
    stored = np.load(pack / "pack" / f"{split}.npy")
    due = stored[:, 1].reshape(-1, 2, 128, 128).astype(int)
    assert np.abs(due[:, 0] - due[:, 1]).mean() < np.abs(due[:, 0] - np.roll(due[:, 1], 1, 0)).mean()


def test_a_batch_of_calls_cuts_both_frames_at_one_place(tmp_path):
    rng = np.random.default_rng(0)
    first = rng.integers(0, 255, (4, 1, 2, 128, 128, 1), dtype=np.uint8)
    np.save(tmp_path / "train.npy", np.concatenate([first, first + 1], 1).reshape(8, 2, 128, 128, 1))
    np.save(tmp_path / "val.npy", first[:, 0])
    (tmp_path / "pack.json").write_text(json.dumps({"frames": 2, "train": 8, "val": 4}))
    inputs, references, _ = Pairs(tmp_path, luma=True).batch(0, 0, 6, 32)
    assert inputs.shape == references.shape == (12, 1, 32, 32)
    torch.testing.assert_close(255 * inputs[::2] + 1, 255 * inputs[1::2])
    torch.testing.assert_close(255 * references[::2] + 1, 255 * references[1::2])


def test_a_folder_without_clips_is_said(tmp_path):
    with pytest.raises(SharpError, match="has no clips"):
        make_calls(tmp_path, None, tmp_path / "out", CallPlan(1), lambda done, total: None)


@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9"])
def test_every_frame_comes_back_like_itself(codec):
    assert av.codecs_available
    ramp = np.add.outer(np.arange(96), np.arange(64)).astype(np.uint8)
    frames = [np.roll(ramp, number, 1) for number in range(4)]
    decoded = coded_planes(frames, codec, 500e3, 25)
    assert [frame.shape for frame in decoded] == [(96, 64)] * 4
    assert np.abs(decoded[-1][:64].astype(int) - frames[-1][:64]).mean() < 12


def test_a_dark_room_is_darker_and_its_noise_is_not_in_the_reference():
    camera = Camera(light=0.5, noise=5, softness=0.7, motion=1, sharpening=0, quality=0)
    planes = [np.full((64, 64), 116, np.uint8), np.full((32, 32), 128, np.uint8), np.full((32, 32), 128, np.uint8)]
    lit = camera.lit(planes)
    seen = camera.seen(lit, np.random.default_rng(0))
    assert (lit[0] == 66).all()
    assert 3 < seen[0].std() < 7


def loss(sharpened, reference, degraded):
    return float(LOSSES["steady"](sharpened, reference, degraded))


def test_steady_asks_for_better_frames_that_change_no_more_than_is_due():
    torch.manual_seed(0)
    reference = 100 + 50 * torch.rand(1, 1, 32, 32).expand(4, -1, -1, -1)
    error = 6 * torch.randn(4, 1, 32, 32)
    degraded = reference + error
    untouched = loss(degraded, reference, degraded)
    assert loss(reference + error / 2, reference, degraded) < untouched < loss(degraded + error, reference, degraded)
    # The same error in each frame, but one changes its sign from frame to frame.
    shift = torch.full((4, 1, 32, 32), 3.0)
    flicker = shift * torch.tensor([1, -1, 1, -1]).view(-1, 1, 1, 1)
    assert loss(reference + shift, reference, degraded) < loss(reference + flicker, reference, degraded)


def test_steady_refuses_single_frames():
    frame = torch.zeros(1, 1, 32, 32)
    with pytest.raises(SharpError, match="train calls"):
        loss(frame, frame, frame)
