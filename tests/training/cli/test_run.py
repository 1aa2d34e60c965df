import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.bare import missing
from tests.training.conditioned import make_pack, write_plan

FILES = {"tiny.onnx", "tiny-int8.onnx", "estimator.onnx", "teacher-deblur.onnx"}
ROOT = Path(__file__).parents[3]
BARE = "from tests.helpers.bare import block; block(); from sharpcli.cli.main import main; main()"
LACKS = "accelerate gradio httpx imagecodecs openvino scipy skimage tensorboard torchvision"


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return make_pack(tmp_path_factory.mktemp("conditioned"))


@pytest.mark.timeout(300)  # a busy machine takes its time to trace networks
def test_with_a_few_seconds_every_run_is_exported_and_given_again_nothing_is_done(sharpcli, pack, tmp_path):
    command = ("train", "run", write_plan(tmp_path), "--pack", pack, "--minutes", 0.2, "-o", tmp_path / "out")
    done = sharpcli(*command)
    assert done.exit_code == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").glob("*.onnx")} == FILES
    for path in (tmp_path / "out").glob("*.json"):
        card = json.loads(path.read_text())
        assert card["training"]["steps_done"] > 0
        assert card["training"]["pack"]["images"] == 5
    assert "tiny told: degraded" in done.stdout
    assert "dead channels by layer" in done.stdout
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.onnx")}
    assert sharpcli(*command).stdout.splitlines() == [f"4 networks -> {tmp_path / 'out'}"]
    assert all(path.stat().st_mtime_ns == written for path, written in before.items())
    (tmp_path / "out" / "tiny-int8.onnx").unlink()
    assert "small: tiny-int8.onnx" in sharpcli(*command).stdout
    assert {path.name for path in (tmp_path / "out").glob("*.onnx")} == FILES


def test_a_machine_with_little_more_than_torch_is_enough(pack, tmp_path):
    source = pack.parent / "source"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    for arguments in (
        ["originals", source, "-o", tmp_path / "pack", "--share", "nothing=0.5"],
        ["run", write_plan(tmp_path, steps=2), "--pack", tmp_path / "pack", "-o", tmp_path / "out"],
    ):
        command = [sys.executable, "-c", BARE, "train", *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").glob("*.onnx")} == FILES


def test_that_machine_lacks_what_only_other_commands_need():
    """Or the test above would show nothing."""
    assert all(missing(name) for name in LACKS.split())
    assert not any(missing(name) for name in ("torch.nn", "numpy", "PIL", "onnx", "onnxscript", "google.protobuf"))


def test_a_sheet_of_draws_is_the_same_for_the_same_seed(sharpcli, pack, tmp_path):
    for name, seed in (("a.png", 0), ("b.png", 0), ("c.png", 1)):
        done = sharpcli("train", "draws", "--pack", pack, "--seed", seed, "-o", tmp_path / name)
        assert done.stdout == f"60 pairs -> {tmp_path / name}\n"
    first, again, other = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert first == again != other
    with Image.open(tmp_path / "a.png") as sheet:
        assert sheet.width > 1000 < sheet.height


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "nowhere", "--pack", "p", "-o", "o"), "no plan 'nowhere'; there are call, photo-conditioned"),
        (("run", "photo-conditioned", "--pack", "p", "-o", "o"), "train originals"),
        (("originals", ".", "-o", "o", "--share", "screens"), "FOLDER=SHARE"),
        (("originals", ".", "-o", "o"), "no images to train on"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(sharpcli, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    done = sharpcli("train", *arguments)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


def test_the_page_names_commands_and_options_that_exist(sharpcli):
    page = (ROOT / "docs" / "training-gpu.md").read_text()
    commands = [shlex.split(line) for line in page.splitlines() if line.startswith("sharpcli train ")]
    assert [words[2] for words in commands] == ["originals", "run", "run", "calls", "run"]
    help_of = {words[2]: sharpcli("train", words[2], "--help").stdout for words in commands}
    for words in commands:
        assert all(re.search(rf"{word}\b", help_of[words[2]]) for word in words if word.startswith("-"))
    assert all(
        option in "".join(help_of.values()) for option in re.findall(r"`(--[a-z-]+)", page) if option != "--no-deps"
    )
