"""The recipes of docs/video.md are run as written, where the programs that they name are installed."""

import os
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/video.md").read_text()
RECIPES = re.findall(r"(?<!<!-- not run -->\n)```sh\n(.*\|.*)\n```", PAGE)
NOT_RUN = re.findall(r"<!-- not run -->\n```sh\n(.*)\n```", PAGE)
FRAMES = 20


@pytest.fixture(scope="module")
def desk(tmp_path_factory, photo):
    """A call in three containers, and a `sharpcli` to call."""
    desk = tmp_path_factory.mktemp("desk")
    (desk / "sharpcli").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sharpcli "$@"\n')
    (desk / "sharpcli").chmod(0o755)
    (desk / "mpv.conf").write_text("vo=null\nao=null\nterminal=no\n")
    for name, video, sound in (("mp4", "libx264", "aac"), ("mkv", "libx264", "aac"), ("webm", "libvpx", "libopus")):
        with av.open(str(desk / f"call.{name}"), "w") as output:
            pictures = output.add_stream(video, rate=25, width=128, height=96, pix_fmt="yuv420p")
            tone = output.add_stream(sound, rate=48000, layout="mono")
            for index in range(FRAMES):
                frame = av.VideoFrame.from_ndarray(photo[index : index + 96, index : index + 128], format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, 25)
                output.mux(pictures.encode(frame))
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 38400), np.int16), format="s16", layout="mono")
            silence.sample_rate, silence.pts = 48000, 0
            output.mux(tone.encode(silence))
            for stream in (pictures, tone):
                output.mux(stream.encode(None))
    return desk


def looked_at(path):
    """How many frames a clip has, and whether it has sound."""
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0)), bool(container.streams.audio)


@pytest.mark.parametrize("recipe", RECIPES)
def test_each_recipe_works_as_written(desk, recipe):
    for program in [step.split()[0] for step in recipe.split("|")]:
        if program != "sharpcli" and not shutil.which(program):
            pytest.skip(f"needs {program}")
    environment = {**os.environ, "PATH": f"{desk}:{os.environ['PATH']}", "MPV_HOME": str(desk)}
    environment |= {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    command = ["bash", "-o", "pipefail", "-c", recipe]
    done = subprocess.run(command, cwd=desk, env=environment, capture_output=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr.decode()
    assert "failed" not in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    written = re.search(r"\b(?:sharp|preview)\.\w+", recipe)
    if written:
        frames, sound = looked_at(desk / written[0])
        assert frames == FRAMES or (written[0] == "preview.mp4" and 0 < frames < FRAMES)
        assert sound or written[0] == "sharp.y4m"


def test_the_page_has_a_recipe_for_each_kind_of_program():
    assert {step.split()[0] for recipe in RECIPES for step in recipe.split("|")} == {
        *("sharpcli", "ffmpeg", "mpv", "ffplay", "gst-launch-1.0")
    }
    assert [recipe.split()[0] for recipe in NOT_RUN] == ["vspipe", "ffmpeg", "yt-dlp"]
