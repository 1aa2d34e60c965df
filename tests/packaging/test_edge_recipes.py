"""The recipes of docs/edge.md for players and video programs are run as written, where these programs are."""

import os
import re
import shlex
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.image.image import Image
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/edge.md").read_text()
RUN = re.findall(r"(?<!<!-- not run -->\n)```sh\n(.*?)\n```", PAGE, re.DOTALL)
NOT_RUN = re.findall(r"<!-- not run -->\n```\w+\n(.*?)\n```", PAGE, re.DOTALL)
FRAMES = 3
# A window that nobody sees, and no sound; the renderer in software is one that mpv must be told to take.
QUIET = "vo=gpu\ngpu-context=x11egl\ngpu-sw=yes\nao=null\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory, photo):
    """A clip, and the files that the page's commands export."""
    from click.testing import CliRunner

    from sharpcli.cli.main import main

    desk = tmp_path_factory.mktemp("desk")
    (desk / "mpv.conf").write_text(QUIET)
    with av.open(str(desk / "call.mp4"), "w") as output:
        pictures = output.add_stream("libx264", rate=25, width=128, height=96, pix_fmt="yuv420p", options={"crf": "10"})
        soft = (
            PILImage.fromarray(photo[100:292, 100:356]).resize((64, 48)).resize((128, 96), PILImage.Resampling.BICUBIC)
        )
        for index in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(np.asarray(soft), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            output.mux(pictures.encode(frame))
        output.mux(pictures.encode(None))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(desk)
        for line in [line for block in RUN for line in block.splitlines() if line.startswith("sharpcli train export")]:
            done = CliRunner().invoke(main, shlex.split(line)[1:])
            assert done.exit_code == 0, (line, done.output)
    return desk


def recipe(program):
    """The one command of a program that the page has."""
    (found,) = [block for block in RUN if block.startswith(f"{program} ")]
    return found


def done(desk, command, *before):
    environment = {**os.environ, "MPV_HOME": str(desk)}
    command = [*before, *shlex.split(command)]
    return subprocess.run(command, cwd=desk, env=environment, capture_output=True, text=True, check=False, timeout=100)


def lumas(path):
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="yuv420p") for frame in container.decode(video=0)]
    return [frame[: len(frame) * 2 // 3].astype(np.uint8) for frame in frames]


def test_mpv_takes_the_shader(desk):
    for program in ("mpv", "xvfb-run"):
        if not shutil.which(program):
            pytest.skip(f"needs {program}")
    said = done(desk, recipe("mpv"), "xvfb-run", "-a")
    assert said.returncode == 0, said.stdout + said.stderr
    assert not re.search("error|fail", said.stdout + said.stderr, re.IGNORECASE)


def test_ffmpeg_makes_of_the_clip_what_sharpcli_makes_of_it(desk):
    blank = "ffmpeg -v error -init_hw_device vulkan=v -filter_hw_device v -f lavfi -i color=s=16x16:d=0.1 -vf hwupload"
    if not shutil.which("ffmpeg") or done(desk, f"{blank},libplacebo,hwdownload,format=yuv420p -f null -").returncode:
        pytest.skip("needs ffmpeg with libplacebo and Vulkan")
    # As written, but for the encoder's losses, which on so small a clip are larger than what the network changes.
    said = done(desk, recipe("ffmpeg").replace("sharp.mp4", "-qp 0 sharp.mp4"))
    assert said.returncode == 0, said.stderr
    came, results = lumas(desk / "call.mp4"), lumas(desk / "sharp.mp4")
    assert len(results) == FRAMES
    student = create_enhancer("student-live", {"profile": "photo"})
    due = sharpen(Image(came[0][..., None], "L"), student).pixels[..., 0]
    changes = [(one - came[0].astype(float)).ravel() for one in (results[0], due)]
    assert np.corrcoef(changes)[0, 1] > 0.9


def test_the_file_for_openvino_has_the_names_and_the_size_that_ffmpeg_is_told(desk):
    (command,) = [one for one in NOT_RUN if one.startswith("ffmpeg")]
    from sharpcli.inference.engine import openvino

    model = openvino.Core().read_model(str(desk / re.search(r"model=([^:]+):", command)[1]))
    (given,), (made,) = model.inputs, model.outputs
    assert f"input={given.any_name}:output={made.any_name}," in command
    height, width = given.shape[2:]
    assert f"scale={width}:{height}:" in command
    assert list(given.shape) == list(made.shape)


def test_an_ffmpeg_that_has_openvino_here_would_be_news_for_the_page(desk):
    if not shutil.which("ffmpeg"):
        pytest.skip("needs ffmpeg")
    assert "openvino" not in done(desk, "ffmpeg -hide_banner -h filter=dnn_processing").stdout


def test_the_networks_that_vapoursynth_reads_take_one_plane_of_any_even_size():
    import onnx

    (script,) = [one for one in NOT_RUN if "vapoursynth" in one]
    name = re.search(r'network_path="([^"]+)"', script)[1]
    (weights,) = (ROOT / "plugins").rglob(name)
    graph = onnx.load(weights).graph
    (given,), (made,) = graph.input, graph.output
    for one in (given, made):
        sides = [side.dim_value or side.dim_param for side in one.type.tensor_type.shape.dim]
        assert sides[:2] == [1, 1]
        assert all(str(side).startswith("2*") for side in sides[2:])


def test_the_page_says_of_each_program_whether_it_was_run():
    assert [block.split()[0] for block in RUN] == ["scripts/install", "sharpcli", "mpv", "ffmpeg", "sharpcli"]
    assert [block.split()[0] for block in NOT_RUN] == ["ffmpeg", "import"]
