"""A run that was killed leaves nothing under the final name, and the next one goes on in its last whole segment."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sharpcli.errors import ImageError
from sharpcli.files.atomic import PREFIX
from sharpcli.video.coding import coding
from sharpcli.video.enhance import enhance_clip
from sharpcli_bicubic import Bicubic
from tests.helpers.full_clips import about, full_clip, shown_at, streams_of, video_packets

SCRIPT = """
import os, signal, sys
from pathlib import Path
from sharpcli_bicubic import Bicubic
from sharpcli.video.coding import coding
from sharpcli.video.enhance import enhance_clip

source, target, codec, moment = sys.argv[1:]
def progress(seconds):
    if seconds >= float(moment):
        os.kill(os.getpid(), signal.SIGKILL)
enhance_clip(Path(source), Path(target), Bicubic(), coding(codec), progress=progress)
"""
SECONDS = 22
SLOW = [number * 1024 for number in range(SECONDS * 12)]
"""The times of frames at 12.5 a second, so that there are few of them in many seconds."""


def killed(source, target, codec, moment):
    command = [sys.executable, "-c", SCRIPT, source, target, codec, str(moment)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not target.exists()


def resumed(source, target, codec):
    """Run to the end; the first time of a frame that was made anew."""
    moments = []
    enhance_clip(source, target, Bicubic(), coding(codec), progress=moments.append)
    return moments[0]


@pytest.mark.parametrize(
    ("ending", "codec"),
    [(".mp4", "h264"), (".mov", "h264"), (".mkv", "h264"), (".ts", "h264"), (".avi", "h264"), (".mp4", "hevc")],
)
def test_the_result_equals_that_of_a_run_at_one_go(tmp_path, ending, codec):
    options = {"bf": "2", "preset": "ultrafast"} if ending != ".avi" else {"bf": "0", "preset": "ultrafast"}
    times = SLOW if ending != ".avi" else None
    clip = full_clip(tmp_path / f"a{ending}", SECONDS * 25, times=times, options=options, size=(64, 48))
    whole, target = tmp_path / f"whole{ending}", tmp_path / f"out{ending}"
    enhance_clip(clip, whole, Bicubic(), coding(codec))
    killed(clip, target, codec, 9)
    last = min(20.0, shown_at(clip)[-2])
    killed(clip, target, codec, last)
    assert last - resumed(clip, target, codec) <= 10
    assert video_packets(target) == video_packets(whole)
    assert streams_of(target) == streams_of(whole)
    assert about(target) == about(whole)
    assert {path.name for path in tmp_path.iterdir()} == {clip.name, whole.name, target.name}


def test_killed_while_it_takes_over_what_was_done_it_loses_nothing(tmp_path):
    clip = full_clip(tmp_path / "a.mkv", times=SLOW, size=(64, 48), sounds=())
    target = tmp_path / "out.mkv"
    killed(clip, target, "h264", 20)
    (begun,) = tmp_path.glob(f"{PREFIX}*")
    begun.with_suffix(".old.clip").write_bytes(begun.read_bytes())
    begun.write_bytes(begun.read_bytes()[:20_000])
    assert resumed(clip, target, "h264") >= 10
    assert shown_at(target) == shown_at(clip)


def test_another_encoding_begins_anew_and_removes_what_was_done(tmp_path):
    clip = full_clip(tmp_path / "a.mkv", times=SLOW, size=(64, 48), sounds=())
    target = tmp_path / "out.mkv"
    killed(clip, target, "h264", 15)
    moments = []
    enhance_clip(clip, target, Bicubic(), coding("h264", crf=30), progress=moments.append)
    assert moments[0] == 0
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def test_what_stops_a_run_from_outside_keeps_what_is_done(tmp_path):
    clip = full_clip(tmp_path / "a.mp4", times=SLOW, size=(64, 48))
    target = tmp_path / "out.mp4"

    def progress(seconds):
        if seconds > 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        enhance_clip(clip, target, Bicubic(), coding("h264"), progress=progress)
    assert not target.exists()
    assert resumed(clip, target, "h264") >= 5
    assert shown_at(target) == shown_at(clip)


def test_a_clip_that_cannot_be_done_leaves_nothing(tmp_path):
    clip = full_clip(tmp_path / "a.ts", times=SLOW, size=(64, 48))
    clip.write_bytes(clip.read_bytes()[:40_000] + bytes(3000) + clip.read_bytes()[43_000:])
    with pytest.raises(ImageError):
        enhance_clip(clip, tmp_path / "out.ts", Bicubic(), coding("h264"))
    assert [path.name for path in tmp_path.iterdir()] == [clip.name]


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_while_it_is_written_no_more_than_the_result_is_on_the_disk(tmp_path, ending):
    clip = full_clip(tmp_path / f"a{ending}", times=SLOW, size=(128, 96))
    target, most = tmp_path / f"out{ending}", 0

    def progress(seconds):
        nonlocal most
        most = max(most, sum(path.stat().st_size for path in Path(tmp_path).glob(f"{PREFIX}*")))

    enhance_clip(clip, target, Bicubic(), coding("h264"), progress=progress)
    assert 0 < most <= 1.1 * target.stat().st_size
