"""The ceiling as the system sees it: the largest resident size of a process that works through images."""

import os
import subprocess
import sys

import imagecodecs
import numpy as np
import pytest
from PIL import Image as PILImage
from skimage import data

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "wait4"), reason="a process's peak is told by POSIX systems"),
    pytest.mark.timeout(600),
]
MB = 1_000_000

STARTER = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A small process between: a peak begins with what the starting process had, and these tests had gigabytes."""


def peak(*arguments):
    """Largest resident size in bytes, exit code and output of an `enhance` of its own."""
    return peak_of("enhance", *arguments, "-e", "student-live")


def peak_of(*arguments):
    """The same of any command."""
    process = [sys.executable, "-c", STARTER, sys.executable, "-m", "sharpcli", *map(str, arguments)]
    done = subprocess.run(process, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    output, _, told = done.stdout.removesuffix("\n").rpartition("\n")
    scale = 1 if sys.platform == "darwin" else 1024
    return int(told) * scale, done.returncode, f"{output}\n".removeprefix("\n")


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory):
    """What the process takes for an image that is next to nothing: Python, the libraries, the network."""
    folder = tmp_path_factory.mktemp("tiny")
    PILImage.new("RGB", (8, 8)).save(folder / "tiny.png")
    size, code, _ = peak(folder / "tiny.png", "-o", folder / "out")
    assert code == 0
    return size


def large(height, width):
    """A photograph with some noise, repeated."""
    part = np.array(PILImage.fromarray(data.astronaut()).resize((1000, 1000)), np.int16)
    part += np.random.default_rng(0).integers(-6, 7, part.shape, np.int16)
    return np.tile(part.clip(0, 255).astype(np.uint8), (height // 1000, width // 1000, 1))


@pytest.fixture(scope="module")
def huge(tmp_path_factory):
    """80 megapixels as a JPEG that has to be turned, and 40 as a PNG."""
    folder, pixels = tmp_path_factory.mktemp("huge"), large(8000, 10_000)
    exif = PILImage.Exif()
    exif[0x0112] = 6
    PILImage.fromarray(pixels).save(folder / "turned.jpg", quality=90, exif=exif)
    png = imagecodecs.png_encode(np.ascontiguousarray(pixels[:, :5000]), level=1, strategy=3, filter=128)
    (folder / "a.png").write_bytes(png)
    return folder


@pytest.mark.parametrize(
    ("name", "size", "most", "options"),
    [
        # What 200 megapixels are to the default of a gigabyte; docs/batch.md has those measured.
        pytest.param("turned.jpg", (8000, 10_000), 400, ["--memory", "400MB"], id="80 megapixels, turned, in 400 MB"),
        pytest.param("a.png", (5000, 8000), 200, ["--memory", "200MB"], id="40 megapixels in 200 MB"),
    ],
)
def test_a_huge_image_stays_below_the_ceiling(huge, interpreter, tmp_path, name, size, most, options, monkeypatch):
    taken, code, output = peak(huge / name, "-o", tmp_path, *options)
    assert code == 0, output
    monkeypatch.setattr(PILImage, "MAX_IMAGE_PIXELS", None)
    with PILImage.open(tmp_path / name) as image:
        assert image.size == size
    assert (taken - interpreter) / MB <= most


def test_a_smaller_ceiling_holds_for_several_images_at_once(interpreter, tmp_path):
    pixels = large(4000, 6000)
    (tmp_path / "in").mkdir()
    for index in range(4):
        PILImage.fromarray(pixels).save(tmp_path / "in" / f"{index}.{'jpg' if index % 2 else 'tif'}")
    taken, code, output = peak(tmp_path / "in", "-o", tmp_path / "out", "--memory", "300MB", "--workers", 4)
    assert code == 0, output
    assert (taken - interpreter) / MB <= 300


def test_two_large_images_at_once_stay_below_a_smaller_ceiling(interpreter, tmp_path):
    pixels = large(4000, 4000)
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        PILImage.fromarray(pixels).save(tmp_path / "in" / f"{name}.jpg", quality=90)
    taken, code, output = peak(tmp_path / "in", "-o", tmp_path / "out", "--memory", "200MB", "--workers", 2)
    assert code == 0, output
    assert (taken - interpreter) / MB <= 200
    taken, code, output = peak_of("score", tmp_path / "in", tmp_path / "in", "--memory", "200MB", "--workers", 2)
    assert code == 0, output
    assert taken / MB <= 200  # it needs no network
    assert len(output.splitlines()) >= 4  # two pairs


def test_the_coefficients_of_a_progressive_jpeg_are_counted_when_it_is_written_too(interpreter, tmp_path):
    image = PILImage.fromarray(large(2000, 3000))
    image.save(tmp_path / "a.jpg", quality=97, subsampling=0, progressive=True)
    out = tmp_path / "out.jpg"
    taken, code, output = peak(tmp_path / "a.jpg", "-o", out, "--memory", "200MB", "--upscale", 2)
    assert code == 1
    assert "--memory" in output
    limit = output.split("--memory ")[1].split("GB")[0]
    taken, code, output = peak(tmp_path / "a.jpg", "-o", out, "--memory", f"{limit}GB", "--upscale", 2)
    assert code == 0, output
    assert (taken - interpreter) / MB <= 1000 * float(limit)


def test_what_cannot_be_done_within_the_ceiling_is_refused_before_it_is_decoded(huge, interpreter, tmp_path):
    taken, code, output = peak(huge / "turned.jpg", "-o", tmp_path / "out", "--memory", "200MB")
    assert code == 1
    assert "--memory" in output.splitlines()[-2]
    assert (taken - interpreter) / MB <= 100


def test_eight_hundred_small_images_take_no_more_than_a_few(interpreter, tmp_path):
    photo = PILImage.fromarray(data.astronaut())
    (tmp_path / "in").mkdir()
    for index in range(800):
        left, top, width, height = index % 440, index * 7 % 440, 24 + index % 5 * 11, 20 + index // 5 % 5 * 12
        photo.crop((left, top, left + width, top + height)).save(tmp_path / "in" / f"{index}.jpg")
    # To look at each of them would take minutes, and no more memory: see the test of networks let go.
    taken, code, output = peak(tmp_path / "in", "-o", tmp_path / "out", "--quiet", "-O", "profile=photo")
    assert (code, output) == (0, "")
    assert sum(1 for _ in (tmp_path / "out").glob("*.jpg")) == 800
    assert (taken - interpreter) / MB <= 120
