"""From clips to networks for calls by the commands alone."""

import json

import numpy as np
import pytest
from skimage import data

from sharpcli_training.data.sources import is_held_out

pytest.importorskip("av", reason="PyAV is not installed")
from tests.training.clips import write_clip

PLAN = """
estimator = "estimator-tiny"
estimator_start = "estimator"
validation = 8

[[student]]
name = "tiny-call"
channels = 16
layers = 4
start = "student-live-deblur"

[[run]]
name = "students"
kind = "students"
start = "shipped"
seconds = 4
steps = 3
cpu_batch = 4

[[run]]
name = "small"
kind = "int8"
start = "students"
seconds = 2
steps = 2
cpu_batch = 4
exact_share = 1.0
estimator_rate = 0.0
"""


@pytest.mark.timeout(300)  # a busy machine takes its time to trace networks
def test_clips_become_networks_with_an_estimator_of_their_own(sharpcli, tmp_path):
    held, free = (
        next(n for n in map("c{}".format, range(100)) if is_held_out(n) is wanted) for wanted in (True, False)
    )
    for name in (held, free):
        image = np.ascontiguousarray(data.astronaut()[:156, 100:292])
        write_clip(tmp_path / "clips" / f"{name}.mp4", image, frames=30)
    made = sharpcli("train", "calls", tmp_path / "clips", "-o", tmp_path / "pack", "--runs", 8)
    assert made.stdout == f"4 runs of frames to train on, 4 held out -> {tmp_path / 'pack'}\n", made.stderr
    (tmp_path / "plan.toml").write_text(PLAN)
    done = sharpcli("train", "run", tmp_path / "plan.toml", "--pack", tmp_path / "pack", "-o", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    files = {path.stem for path in (tmp_path / "out").glob("*.onnx")}
    assert files == {"tiny-call", "tiny-call-int8", "estimator-tiny"}
    for name in files:
        card = json.loads((tmp_path / "out" / f"{name}.json").read_text())
        assert card["training"]["steps_done"] == (2 if name.endswith("int8") else 3)
        assert (card["training"]["pack"]["images"], card["training"]["pack"]["held_out"]) == (4, 4)
        assert card["training"]["pack"]["folders"] == {"clips": 2}


def test_a_folder_without_clips_is_one_line_and_exit_2(sharpcli, tmp_path):
    (tmp_path / "clips").mkdir()
    done = sharpcli("train", "calls", tmp_path / "clips", "-o", tmp_path / "pack")
    assert (done.exit_code, "has no clips" in done.stderr) == (2, True), done.stderr
