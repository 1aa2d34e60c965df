"""A batch that is killed at random moments, started again, and compared with one that was left in peace."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image as PILImage
from skimage import data

COUNT = 48
ROUNDS, MOST = 4, 5
"""How often a run is killed, and after how many new files at most: too few for a run to end before that."""


@pytest.fixture
def many(tmp_path):
    """Images of several formats in three folders."""
    photo = PILImage.fromarray(data.astronaut())
    for index in range(COUNT):
        ending = ("png", "jpg", "tif", "webp")[index % 4]
        path = tmp_path / "in" / f"day {index % 3}" / f"{index:03}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        photo.crop((index, 2 * index, index + 380, 2 * index + 300)).save(path)
    return tmp_path / "in"


def command(folder, out):
    return [sys.executable, "-m", "sharpcli", "enhance", folder, "-o", out, "-e", "student-live", "--quiet"]


def unfinished(out):
    return list(out.rglob("*.part"))


def finished(out):
    """What has its final name; hidden files may go while they are looked at."""
    names = (path for path in sorted(out.rglob("*")) if not path.name.startswith("."))
    return {path.relative_to(out): path.read_bytes() for path in names if path.is_file()}


def count(out):
    """Files so far, unfinished ones too."""
    return sum(path.is_file() for path in out.rglob("*"))


def kill_in_the_middle(process, out, more):
    """Kill a run when it has begun so many files more; False when it ended before."""
    before = count(out)
    while process.poll() is None and count(out) < before + more:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


@pytest.mark.timeout(300)
def test_every_output_is_whole_and_the_same_after_kills_at_random_moments(many, tmp_path):
    subprocess.run(command(many, tmp_path / "peace"), check=True)
    peace = finished(tmp_path / "peace")
    assert len(peace) == COUNT
    out, chance = tmp_path / "out", random.Random(4)
    for _ in range(ROUNDS):
        process = subprocess.Popen(command(many, out))
        assert kill_in_the_middle(process, out, chance.randint(1, MOST))
        # Whatever has its final name is what it would have been.
        whole = finished(out)
        assert whole.items() <= peace.items()
    assert len(finished(out)) < COUNT, "killed too late to prove anything"
    subprocess.run(command(many, out), check=True)
    assert finished(out) == peace
    assert unfinished(out) == []


def test_ctrl_c_finishes_what_is_in_flight_and_tells_how_far_it_came(many, tmp_path):
    out = tmp_path / "out"
    asked = [*command(many, out)[:-1], "--report", tmp_path / "report.json"]
    process = subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})
    while process.poll() is None and len(finished(out) if out.exists() else ()) < 3:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stdout.startswith("interrupted: ")
    assert "not processed" in stdout
    assert "Traceback" not in stderr
    assert int(stdout.split()[1]) == len(finished(out)) < COUNT
    assert unfinished(out) == []
    subprocess.run(command(many, out), check=True)
    assert len(finished(out)) == COUNT
