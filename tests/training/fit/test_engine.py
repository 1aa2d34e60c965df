"""Runs in real processes: two that share the work, and ones that are killed."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import torch

from sharpcli_training.data.pairs import Pairs
from sharpcli_training.fit.engine import Engine
from sharpcli_training.fit.loop import train
from sharpcli_training.recipe import Recipe
from tests.helpers import shared_runs

STEPS = 24
SETTINGS = (
    *("channels=8", "layers=1", f"steps={STEPS}", "batch=4", "patch=32", "peak_rate=1e-3"),
    # SOAP takes its basis from eigenvectors, and where those are not unique, rounding chooses among them.
    "optimizer=adam",
    # The gradient of "l1" turns round where an error is zero, and rounding decides on which side it is.
    "loss=mse",
    # Validated at other steps than it is saved at.
    *("validate_every=5", "bf16_share=0", "teacher_share=0.5", "finish_share=0.2", "finish_patch=40"),
)


def torchrun(*arguments):
    """The command that starts two processes on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    where = ("--nproc-per-node", "2", "--master-addr", "127.0.0.1", "--master-port", port)
    return ("-m", "torch.distributed.run", *where, *arguments)


def start(folder, *arguments):
    """Python with these arguments; what it says on stderr goes to a file."""
    folder.mkdir(exist_ok=True)
    with (folder / "stderr.txt").open("w") as stderr:
        return subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            env={**os.environ, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )


def finish(folder, *arguments):
    """Run to the end; returns what was said."""
    process = start(folder, *arguments)
    message, _ = process.communicate(timeout=900)
    assert process.returncode == 0, (folder / "stderr.txt").read_text()
    return message


def kill_in_the_middle(folder, *arguments):
    """SIGKILL for the command and all it started, after its first validation."""
    process = start(folder, *arguments)
    line = next((line for line in process.stdout if line.startswith("step ")), None)
    for victim in [*psutil.Process(process.pid).children(recursive=True), process]:
        victim.kill()
    process.communicate(timeout=60)
    assert line is not None, (folder / "stderr.txt").read_text()
    assert 0 < state(folder)["step"] < STEPS, "not killed in the middle"


def state(folder):
    return torch.load(folder / "checkpoint.pt", weights_only=True)


def assert_same(first, second):
    """Not a bit of difference in weights and curve."""
    assert first["history"] == second["history"]
    for name in ("network", "average"):
        assert first[name].keys() == second[name].keys()
        assert all(torch.equal(first[name][key], second[name][key]) for key in first[name])


def difference(first, second):
    """The largest between two states' averaged weights."""
    one, other = (torch.cat([value.flatten() for value in each["average"].values()]) for each in (first, second))
    return (one - other).abs().max().item()


def command(pack, teacher, folder):
    """A student's training that saves after every step."""
    changes = [part for setting in SETTINGS for part in ("--set", setting)]
    run = ("train", "student", "--pairs", pack, "--teacher", teacher, "-o", folder)
    return ("-m", "sharpcli", *run, "--save-every", "0", *changes)


@pytest.fixture(scope="module")
def pack(packs, tmp_path_factory):
    """A pack that has neither luma planes nor labels yet."""
    root = tmp_path_factory.mktemp("fresh") / "x2"
    root.mkdir()
    for name in ("pack.json", "train.npy", "val.npy"):
        shutil.copy(packs / "x2" / name, root)
    return root


@pytest.fixture(scope="module")
def teacher(packs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("teacher")
    recipe = Recipe("teacher", 8, 1, steps=2, peak_rate=1e-4, batch=1, patch=32)
    train(recipe, Pairs(packs / "x2"), folder, lambda line: None)
    return folder


@pytest.fixture(scope="module")
def two(pack, teacher, tmp_path_factory):
    """The folder of a run that two processes trained, and what they said."""
    folder = tmp_path_factory.mktemp("runs") / "two"
    return folder, finish(folder, *torchrun(*command(pack, teacher, folder)))


def test_two_processes_write_and_speak_once(two, pack):
    folder, message = two
    assert message.count(f"step {STEPS}/{STEPS} ") == 1
    assert message.count("trained -> ") == 1
    assert sorted(path.name for path in folder.iterdir()) == [
        *("checkpoint.pt", "curves.png", "run.json", "stderr.txt", "tensorboard")
    ]
    assert len(list((folder / "tensorboard").iterdir())) == 1
    assert len(list(pack.glob("labels-*.npy"))) == 1
    assert not list(pack.glob("*.part"))


@pytest.fixture
def one_thread():
    """As many as the processes above have: sums are taken in the same order."""
    usual = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(usual)


def test_a_killed_run_goes_on_as_if_it_had_not_been(sharpcli, two, pack, teacher, tmp_path, one_thread):
    kill_in_the_middle(tmp_path / "broken", *command(pack, teacher, tmp_path / "broken"))
    for run in ("broken", "whole"):
        _, _, *arguments = command(pack, teacher, tmp_path / run)
        done = sharpcli(*arguments)
        assert (done.exit_code, "resuming at step" in done.stdout) == (0, run == "broken")
    assert_same(state(tmp_path / "broken"), state(tmp_path / "whole"))
    # The same recipe on one process and on two: the batch's sums are taken in another order, no more.
    assert difference(state(tmp_path / "whole"), state(two[0])) < 1e-5
    for one, other in zip(state(tmp_path / "whole")["history"], state(two[0])["history"], strict=True):
        assert one.pop("dead") == other.pop("dead")
        assert one == pytest.approx(other, rel=1e-5)


def test_two_killed_processes_go_on_as_if_they_had_not_been(two, pack, teacher, tmp_path):
    run = tmp_path / "broken"
    kill_in_the_middle(run, *torchrun(*command(pack, teacher, run)))
    message = finish(run, *torchrun(*command(pack, teacher, run)))
    assert message.count("resuming at step") == 1
    assert_same(state(run), state(two[0]))


def test_every_kind_of_run_can_be_shared_and_what_cannot_is_refused(packs, tmp_path):
    Pairs(packs / "x2", luma=True)  # makes the luma planes, which the two would make at once
    finish(tmp_path, *torchrun(shared_runs.__file__, packs / "x2", tmp_path))
    for name, recipe in shared_runs.RECIPES.items():
        pairs = Pairs(packs / "x2", luma=recipe.network == "student")
        train(recipe, pairs, tmp_path / "alone" / name, lambda line: None)
        one, two = state(tmp_path / "alone" / name), state(tmp_path / name)
        # SOAP's first bases and Muon's directions hang on the gradients' last bits: one process whose weights start
        # 1e-7 apart ends as far off.
        near = 1e-4 if "adam" in name else 2e-2
        assert difference(one, two) < near, name
        for mine, theirs in zip(one["history"], two["history"], strict=True):
            assert mine["loss"] == pytest.approx(theirs["loss"], rel=near), name
            # In INT8, a last bit may turn into a level.
            assert mine["psnr"] == pytest.approx(theirs["psnr"], abs=1e-3 if "int8" in name else near), name
    for rank in range(2):
        assert Path(tmp_path / f"refused-{rank}.txt").read_text().splitlines() == [
            "2 processes cannot share a batch of 1; --set batch=2 would do",
            "2 processes cannot share a batch of 1; --set batch=8 would do",
            f"{tmp_path / ('not-shared' if rank else 'adam-edge-uneven')} is at another step on another machine; "
            "put it where all machines see the same",
        ]


@pytest.mark.parametrize(("size", "count"), [(1, 1), (16, 1), (16, 4), (5, 3), (7, 7)])
def test_the_slices_are_the_batch_and_weigh_what_they_hold(size, count):
    engine, crops, total = Engine(), [], 0.0
    engine.count = count
    for rank in range(count):
        engine.rank = rank
        part = list(range(size))[engine.part(size)]
        crops += part
        total += engine.weight(size) * sum(part) / len(part) / count
    assert crops == list(range(size))
    assert total == pytest.approx(sum(crops) / size)
