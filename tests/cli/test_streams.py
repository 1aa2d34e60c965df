"""`-` in the place of a file: an image from standard input, or to standard output."""

import io
import json
import os
import pty
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as PILImage

from tests.image.sequences.animations import animation, seen

ENHANCE = [sys.executable, "-m", "sharpcli", "enhance", "-e", "bicubic"]


@pytest.fixture
def jpeg(tmp_path, photo):
    path = tmp_path / "in.jpg"
    PILImage.fromarray(photo[:64, :80]).save(path, quality=90)
    return path


@pytest.fixture
def written(tmp_path, jpeg, sharpcli):
    """What goes to a file for the same image."""
    assert sharpcli("enhance", jpeg, "-o", tmp_path / "out", "-e", "bicubic").exit_code == 0
    return (tmp_path / "out" / "in.jpg").read_bytes()


def run(*arguments, **options):
    return subprocess.run([*ENHANCE, *map(str, arguments)], capture_output=True, check=False, **options)


@pytest.mark.parametrize("out", [["-o", "-"], []])
def test_an_image_goes_from_stream_to_stream_as_from_file_to_file(jpeg, written, tmp_path, out):
    done = run("-", *out, input=jpeg.read_bytes(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, written)
    assert done.stderr.decode().splitlines()[0].startswith("[1/1] done stdin.jpg 80x64 in ")
    assert done.stderr.decode().splitlines()[-1].startswith("1 done in ")
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize("noise", [["--json"], ["--quiet"], []])
def test_nothing_but_the_image_goes_to_standard_output(jpeg, written, noise):
    done = run(jpeg, "-o", "-", *noise)
    assert (done.returncode, done.stdout) == (0, written)
    if noise == ["--json"]:
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        assert (lines[0]["path"], lines[0]["output"]) == (str(jpeg), "stdout.jpg")
        assert lines[1]["summary"]["done"] == 1


def test_the_format_is_that_of_the_input_unless_another_is_asked_for(jpeg, tmp_path):
    (tmp_path / "photo").write_bytes(jpeg.read_bytes())
    assert PILImage.open(io.BytesIO(run(tmp_path / "photo", "-o", "-").stdout)).format == "JPEG"
    for given in (["-"], [jpeg]):
        done = run(*given, "-o", "-", "--format", "webp", input=jpeg.read_bytes())
        assert PILImage.open(io.BytesIO(done.stdout)).format == "WEBP"


def test_standard_input_can_be_written_to_a_file_or_a_folder(jpeg, written, tmp_path):
    done = run("-", "-o", tmp_path / "a.jpg", input=jpeg.read_bytes())
    assert (done.returncode, (tmp_path / "a.jpg").read_bytes()) == (0, written)
    assert run("-", jpeg, "-o", tmp_path / "both", input=jpeg.read_bytes()).returncode == 0
    assert sorted(path.name for path in (tmp_path / "both").glob("[!.]*")) == ["in.jpg", "stdin.jpg"]


def test_degrade_takes_streams_too(sharpcli, jpeg, tmp_path):
    command = [*ENHANCE[:3], "degrade", "--scale", "2"]
    done = subprocess.run([*command, "-"], input=jpeg.read_bytes(), capture_output=True, check=True)
    sharpcli("degrade", jpeg, "-o", tmp_path / "out", "--scale", 2)
    expected = np.asarray(PILImage.open(tmp_path / "out" / "in.png"))
    np.testing.assert_array_equal(np.asarray(PILImage.open(io.BytesIO(done.stdout))), expected)


def test_a_file_called_so_is_still_a_file(jpeg, written, tmp_path):
    (tmp_path / "-").write_bytes(jpeg.read_bytes())
    assert run("./-", "-o", "out", cwd=tmp_path).returncode == 0
    assert (tmp_path / "out" / "-").read_bytes() == written


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{jpeg}", "{jpeg}", "-o", "-"], "standard output takes one image"),
        (["{folder}", "-o", "-"], "standard output takes one image"),
        (["-", "{jpeg}"], "standard output takes one image"),
        (["-", "-", "-o", "out"], "standard input was named twice"),
        (["-", "-o", "-", "--executor", "dask://localhost:1"], "need --executor local"),
        (["missing.jpg", "-o", "-"], "no such file or folder: missing.jpg"),
    ],
)
def test_what_streams_cannot_do_is_wrong_usage(jpeg, tmp_path, arguments, message):
    known = {"jpeg": jpeg, "folder": tmp_path}
    done = run(*(one.format(**known) for one in arguments), input=jpeg.read_bytes(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


def test_an_animation_keeps_its_kind(tmp_path):
    source = animation(tmp_path / "a.gif")
    done = run("-", "--strength", "0", input=source.read_bytes())
    assert done.returncode == 0
    (tmp_path / "out.gif").write_bytes(done.stdout)
    assert seen(tmp_path / "out.gif")[1:] == seen(source)[1:]


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is empty"), (b"text", "is not an image"), (b"8BPS\0\1", "is a Photoshop file")]
)
def test_what_is_no_image_fails_and_writes_nothing(content, message):
    done = run("-", input=content)
    assert (done.returncode, done.stdout) == (1, b"")
    assert f"failed: stdin: {message}" in done.stderr.decode()
    assert "/sharpcli-" not in done.stderr.decode()


def test_a_reader_that_has_seen_enough_is_no_failure(jpeg):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*ENHANCE, str(jpeg), "-o", "-"], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stderr.decode().splitlines()] == ["[1/1]", "1"]


def test_no_image_is_written_to_or_awaited_from_a_terminal(jpeg):
    ours, theirs = pty.openpty()
    to_screen = subprocess.run([*ENHANCE, str(jpeg), "-o", "-"], stdout=theirs, stderr=subprocess.PIPE, check=False)
    assert (to_screen.returncode, b"not written to a terminal" in to_screen.stderr) == (2, True)
    typed = subprocess.run([*ENHANCE, "-", "-o", "x.png"], stdin=theirs, capture_output=True, check=False)
    assert (typed.returncode, b"standard input is a terminal" in typed.stderr) == (2, True)
    os.set_blocking(ours, False)
    with pytest.raises(BlockingIOError):
        os.read(ours, 100)
    os.close(ours)
    os.close(theirs)


def test_a_plan_names_the_streams_and_writes_no_image(jpeg):
    done = run("-", "-o", "-", "--dry-run", input=jpeg.read_bytes())
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode().strip() == "stdin.jpg -> stdout.jpg"
