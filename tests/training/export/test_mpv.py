"""`--to mpv`: the very shader, run by libplacebo through ffmpeg on Vulkan's software renderer."""

import re
import shutil
import subprocess
from functools import cache

import numpy as np
import pytest
from click.testing import CliRunner

from sharpcli.inference.runtime import load_model
from sharpcli_student import StudentLiveEnhancer
from sharpcli_training.cli.train import train
from sharpcli_training.export.told import vector_of

SAID = {"kind": "gaussian", "blur": "2"}
MARGIN = 16


def shader_of(folder, profile):
    options = [f"-O{name}={value}" for name, value in SAID.items()] if profile == "deblur" else []
    arguments = ["export", f"student-live:profile={profile}", "--to", "mpv", "-o", str(folder), *options]
    outcome = CliRunner().invoke(train, arguments)
    assert outcome.exit_code == 0, outcome.output
    [file] = folder.iterdir()
    return file


def libplacebo(luma, shader=None):
    """A plane of 8-bit video after libplacebo; `shader` is a file."""
    height, width = luma.shape
    chroma = bytes([128]) * (2 * ((height + 1) // 2) * ((width + 1) // 2))
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}"]
    hook = f":custom_shader_path={shader}" if shader else ""
    filters = f"hwupload,libplacebo=dithering=-1{hook},hwdownload,format=yuv420p"
    device = ["-init_hw_device", "vulkan=v", "-filter_hw_device", "v"]
    command = ["ffmpeg", "-v", "error", *device, *raw, "-i", "-", "-vf", filters, "-f", "rawvideo", "-"]
    done = subprocess.run(command, input=luma.tobytes() + chroma, capture_output=True, check=False)
    return np.frombuffer(done.stdout[: luma.size], np.uint8).reshape(-1, width), done.stderr.decode()


@cache
def can_run():
    if not shutil.which("ffmpeg"):
        return False
    blank = np.full((16, 16), 80, np.uint8)
    return np.array_equal(libplacebo(blank)[0], blank)


@pytest.mark.parametrize(("profile", "height", "width"), [("x2", 48, 66), ("deblur", 49, 65)])
def test_libplacebo_makes_of_a_frame_what_the_network_makes(tmp_path, photo, profile, height, width):
    if not can_run():
        pytest.skip("needs ffmpeg with libplacebo and Vulkan")
    luma = photo[100 : 100 + height, 100 : 100 + width] @ np.float32([0.299, 0.587, 0.114])
    code = np.rint(16 + luma * 219 / 255).astype(np.uint8)
    came, said = libplacebo(code, shader_of(tmp_path, profile))
    assert came.shape == code.shape, said
    assert 10 * np.log10(255**2 / np.mean((came - expected(code, profile)) ** 2)) > 50


def expected(code, profile):
    """The same by the ONNX file, without rounding."""
    height, width = code.shape
    values = np.pad((code.astype(np.float32) - 16) / 219, ((0, height % 2), (0, width % 2)), mode="edge")
    inputs, margin = {}, 0
    if profile == "deblur":
        inputs, margin = {"degradation": np.float32([vector_of(SAID, False)])}, MARGIN
        values = np.pad(values, margin, mode="symmetric")
    file = StudentLiveEnhancer.folder / f"student-live-{profile}.onnx"
    sharp = load_model(file)({"pixels": values[None, None], **inputs})[0, 0]
    return np.clip(sharp[margin : margin + height, margin : margin + width] * 219 + 16, 0, 255)


def test_a_pass_binds_what_it_reads_and_reads_what_was_saved(tmp_path):
    saved = {"HOOKED"}
    passes = shader_of(tmp_path, "x2").read_text().split("//!HOOK LUMA\n")[1:]
    assert len(passes) == 5 * 4 + 1 + 1
    for one in passes:
        bound = set(re.findall(r"^//!BIND (\w+)$", one, re.M))
        assert bound <= saved
        assert set(re.findall(r"(\w+)_(?:tex|pos|pt|size)\b", one)) <= bound
        saved |= set(re.findall(r"^//!SAVE (\w+)$", one, re.M))


def test_a_shader_must_know_what_to_undo(tmp_path):
    outcome = CliRunner().invoke(train, ["export", "student-live:profile=deblur", "--to", "mpv", "-o", str(tmp_path)])
    assert "needs to be told what to undo, such as -O kind=gaussian -O blur=2" in str(outcome.exception)
