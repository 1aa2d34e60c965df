"""`sharpcli camera`: what the programs at either end of it meet."""

import subprocess
import sys

import numpy as np
import pytest

from sharpcli.cli.commands import camera as command
from sharpcli.live import devices
from sharpcli.live.status import Figures
from tests.helpers.clips import frames_of, write_clip

CAMERA = [sys.executable, "-m", "sharpcli", "camera", "-e", "bicubic"]
HEADER = b"YUV4MPEG2 W320 H240 F100:1 Ip A1:1 C420jpeg\n"
SIZE = 320 * 240 * 3 // 2
FRAMES = [b"FRAME\n" + np.random.default_rng(i).integers(16, 236, SIZE, np.uint8).tobytes() for i in range(50)]


def arrived(data):
    """Which of FRAMES came out, in order."""
    assert data.startswith(HEADER)
    found = [data[at : at + SIZE + 6] for at in range(len(HEADER), len(data), SIZE + 6)]
    return [FRAMES.index(one) for one in found]


def test_y4m_goes_through_as_it_came_but_for_what_was_late():
    given = HEADER + b"".join(FRAMES)
    done = subprocess.run([*CAMERA, "-", "--to", "-"], input=given, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    numbers = arrived(done.stdout)
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 49
    first, *_, last = done.stderr.decode().splitlines()
    assert first == "stdin -> standard output (press Ctrl-C to stop)"
    assert "frames/s, added latency" in last


def test_a_reader_that_stops_gets_the_newest_frame_and_nothing_queues():
    process = subprocess.Popen([*CAMERA, "-q", "-", "--to", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(HEADER + FRAMES[0])
    process.stdin.flush()
    begin = process.stdout.read(len(HEADER) + SIZE + 6)
    for frame in FRAMES[1:]:  # far more than pipes hold, and nobody reads: this blocks where frames wait
        process.stdin.write(frame)
        process.stdin.flush()
    process.stdin.close()
    rest = process.stdout.read()
    assert process.wait(30) == 0
    process.stdout.close()
    numbers = arrived(begin + rest)
    assert len(numbers) < 10
    assert numbers[-1] == 49


def test_a_file_is_recorded_and_ctrl_c_leaves_it_whole(tmp_path, sharpcli):
    clip = write_clip(tmp_path / "in.mp4", frames=8, rate=50)
    assert sharpcli("camera", clip, "--to", tmp_path / "out.mkv", "-e", "bicubic").exit_code == 0
    assert 1 <= len(frames_of(tmp_path / "out.mkv")) <= 8
    again = sharpcli("camera", clip, "--to", tmp_path / "out.mkv", "-e", "bicubic")
    assert again.exit_code == 2
    assert "exists; remove it or choose another name" in again.stderr
    long = write_clip(tmp_path / "long.mp4", frames=600, rate=20)
    process = subprocess.Popen([*CAMERA, long, "--to", tmp_path / "cut.mp4"], stderr=subprocess.PIPE)
    for _ in range(2):  # the second says that it runs
        process.stderr.readline()
    while not (tmp_path / "cut.mp4").stat().st_size:
        continue
    process.terminate()
    assert process.wait(30) == 0, process.stderr.read()
    process.stderr.close()
    assert frames_of(tmp_path / "cut.mp4")


@pytest.fixture
def no_devices(monkeypatch, tmp_path):
    monkeypatch.setattr(command, "cameras", list)
    monkeypatch.setattr(devices, "LOOPBACKS", tmp_path / "none")
    monkeypatch.setattr("sharpcli.live.sources.cameras", list)
    monkeypatch.setattr("sharpcli.live.sinks.virtual.LOOPBACKS", tmp_path / "none")
    monkeypatch.setattr(sys, "platform", "linux")


def test_without_devices_the_list_says_so_and_how_to_make_one(no_devices, sharpcli):
    done = sharpcli("camera", "--list")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "no camera was found" in done.stderr
    assert "sudo modprobe v4l2loopback exclusive_caps=1" in done.stderr


def test_devices_are_listed_by_what_they_are_chosen_by(monkeypatch, sharpcli):
    monkeypatch.setattr(command, "cameras", lambda: [devices.Device("/dev/video0", "Integrated Camera")])
    monkeypatch.setattr(command, "loopbacks", lambda: [devices.Device("/dev/video9", "sharpcli")])
    done = sharpcli("camera", "--list")
    assert done.stdout.splitlines() == [
        "/dev/video0: Integrated Camera",
        "/dev/video9: sharpcli (virtual, for --to camera)",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["clip.mp4"], "name where it goes with --to"),
        (["--to", "preview"], "there is no camera"),
        (["missing.mp4", "--to", "preview"], "no camera, file or address is called missing.mp4"),
        (["clip.mp4", "--to", "camera"], "sudo modprobe v4l2loopback exclusive_caps=1"),
        (["clip.mp4", "--to", "out.jpg"], "a recording is not written as out.jpg"),
        (["clip.mp4", "--to", "-", "--size", "big"], "no size; use one like 1280x720"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(no_devices, sharpcli, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "clip.mp4", frames=2)
    done = sharpcli("camera", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_source_that_fails_is_named(sharpcli, tmp_path):
    (tmp_path / "bad.mp4").write_text("no clip")
    done = sharpcli("camera", tmp_path / "bad.mp4", "--to", tmp_path / "out.mkv")
    assert done.exit_code == 1
    assert "bad.mp4: is damaged, truncated or not a clip" in done.stderr
    assert not (tmp_path / "out.mkv").exists()


def test_what_was_found_is_said_when_it_changes(capsys):
    told = command._Told(quiet=False)
    for step, found in (("student", "blur"), ("student", "blur"), ("pass through", ""), ("student", "noise")):
        told(Figures(30, 0.01, 0.02, 0.3, step, 9, 0, found), 1)
    assert capsys.readouterr().err.splitlines() == ["student: blur", "student: noise"]
