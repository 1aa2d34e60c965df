"""A clip whose run is killed or stopped at random moments, gone on with, and compared with one left in peace."""

import random
import signal
import subprocess
import sys
import time

import pytest

from sharpcli.files.atomic import BEGUN
from tests.helpers.clips import frames_of, write_clip

FRAMES = 600
ROUNDS = 3


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A clip of three segments."""
    return write_clip(tmp_path_factory.mktemp("long") / "in" / "long.mkv", FRAMES, (160, 120))


def command(clip, out, *more):
    return [sys.executable, "-m", "sharpcli", "enhance", clip, "-o", out, "-e", "bicubic", "--crf", "1", *more]


def begun(out):
    return sorted(out.glob(f".sharpcli-*{BEGUN}"))


def size(out):
    return sum(path.stat().st_size for path in begun(out)) if out.exists() else 0


def wait_for(process, out, more):
    """Wait until so many bytes are written of the result; whether the run still goes on."""
    while process.poll() is None and size(out) < more:
        time.sleep(0.002)
    return process.poll() is None


@pytest.fixture(scope="module")
def peace(long, tmp_path_factory):
    out = tmp_path_factory.mktemp("peace")
    subprocess.run(command(long, out, "--quiet"), check=True)
    return out / "long.mkv"


@pytest.mark.timeout(120)
def test_a_killed_run_leaves_nothing_under_the_name_and_the_next_goes_on(long, peace, tmp_path):
    out, chance = tmp_path / "out", random.Random(7)
    killed = 0
    for _ in range(ROUNDS):
        process = subprocess.Popen(command(long, out, "--quiet"))
        if wait_for(process, out, chance.randrange(1, int(0.8 * peace.stat().st_size))):
            time.sleep(chance.random() * 0.05)
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
            assert not (out / "long.mkv").exists()
            assert begun(out)
    assert killed, "no run was killed in time to prove anything"
    subprocess.run(command(long, out, "--quiet"), check=True)
    assert (out / "long.mkv").read_bytes() == peace.read_bytes()
    assert begun(out) == []


def test_ctrl_c_stops_a_clip_and_says_that_the_next_run_goes_on(long, peace, tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen(command(long, out), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert wait_for(process, out, peace.stat().st_size // 2)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stdout.startswith("interrupted: 0 done, 1 not processed")
    assert stderr.splitlines()[-1] == f"stopped: {long}; repeat the command to continue where it stopped"
    assert "waiting" not in stderr
    assert begun(out)
    assert not (out / "long.mkv").exists()
    done = subprocess.run(command(long, out, "--json"), check=True, capture_output=True, text=True)
    assert 0 < int(done.stdout.partition('"frames": ')[2].partition("}")[0]) < FRAMES, "nothing was kept"
    assert (out / "long.mkv").read_bytes() == peace.read_bytes()


def test_other_settings_begin_anew(long, peace, tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen(command(long, out, "--quiet"))
    assert wait_for(process, out, peace.stat().st_size // 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    other = [*command(long, out, "--quiet"), "--strength", "0.5"]
    subprocess.run(other, check=True)
    assert begun(out) == []
    assert len(frames_of(out / "long.mkv")) == FRAMES
