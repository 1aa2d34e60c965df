"""Damaged files give an image or one line: never a traceback, a crash, a hang, words on the screen or half a file.

None that a strict reader calls damaged is read without a note.
"""

import os
import subprocess
import sys
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.read import opened, read_image
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import HEIGHT, WIDTH, image, samples, seeds
from tests.helpers.by_hand import SIGNATURE, chunk, chunks_of, png

pytest.importorskip("pyvips", reason="the strict reader, which extra dev brings")
resource = pytest.importorskip("resource", reason="the limit of memory that keeps a bomb from taking the machine")

pytestmark = pytest.mark.filterwarnings("ignore:Truncated File Read")  # pytest sets our own filter aside

FIRST = int(os.environ.get("SHARPCLI_FUZZ_SEED", "1"))
COUNT = int(os.environ.get("SHARPCLI_FUZZ", "4000"))
PROCESSES = 2


def read_apart(first, last, folder):
    """What a process of its own says of the mutations numbered so, again and again where it dies; its complaints."""
    lines, complaints = [], []
    folder.mkdir()
    while first < last:
        command = [sys.executable, "-m", "tests.fuzz.read_many", str(first), str(last), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
        lines += done.stdout.splitlines()
        if done.returncode == 0:
            break
        assert done.stdout, done.stderr
        complaints.append(f"{lines[-1]} ended the process ({done.returncode}): {done.stderr[-2000:]}")
        first = int(lines[-1].split()[0]) + 1
    return lines, complaints


def test_mutated_files_give_an_image_or_one_line(tmp_path):
    """`mutated(NUMBER, seeds())` makes the file of a line that failed again."""
    print(f"mutations {FIRST} to {FIRST + COUNT}")  # noqa: T201
    bounds = np.linspace(FIRST, FIRST + COUNT, PROCESSES + 1).astype(int)
    with ThreadPoolExecutor(PROCESSES) as pool:
        parts = list(pool.map(read_apart, bounds[:-1], bounds[1:], [tmp_path / str(place) for place in bounds[1:]]))
    lines = [line for part, _ in parts for line in part]
    failures = [line for line in lines if " FAILED " in line] + [line for _, complaints in parts for line in complaints]
    assert not failures, "\n".join(failures)
    assert len(lines) == COUNT
    # Else the mutations would be too gentle or too rough to show anything.
    came = Counter(line.split(maxsplit=2)[2].split(":")[0] for line in lines)
    print(dict(came))  # noqa: T201
    assert 0.05 * COUNT < came["read"] < 0.7 * COUNT
    assert came["noted"] > 0.005 * COUNT
    assert list(tmp_path.glob("*/*")) == []


@pytest.mark.parametrize(
    "name",
    sorted(name for name in seeds() if not name.startswith("animated") and name not in ("pages.tif", "float.tif")),
)
def test_what_mutations_start_from_is_read(tmp_path, name):
    """Otherwise they would only try how files are refused."""
    path = tmp_path / name
    path.write_bytes(seeds()[name])
    height, width = read_image(path).pixels.shape[:2]
    assert {height, width} == {HEIGHT, WIDTH}


@pytest.mark.parametrize(
    "name", ["plain.png", "rgb16.png", "texts.png", "plain.jpg", "lossy.webp", "zip16.tif", "plain.avif"]
)
def test_a_file_cut_anywhere_is_refused_or_whole(tmp_path, name):
    """Truncated, no image may come back with pixels that were never in the file."""
    data = seeds()[name]
    path = tmp_path / name
    path.write_bytes(data)
    whole = read_image(path).pixels
    lengths = {*range(0, len(data), max(1, len(data) // 150)), *range(len(data) - 20, len(data))}
    for length in sorted(lengths):
        path.write_bytes(data[:length])
        try:
            pixels = read_image(path).pixels
        except ImageError as refused:
            assert len(str(refused).splitlines()) == 1
        else:
            np.testing.assert_array_equal(pixels, whole, err_msg=f"cut after {length} bytes")


GREY = samples(1)


def without(data, name):
    """The PNG without the chunks of that name."""
    return SIGNATURE + b"".join(chunk(*one) for one in chunks_of(data) if one[0] != name)


def header(place, value):
    """A grey PNG with another byte in its header, the checksum right."""
    data = png(GREY, 8, 0)
    body = bytearray(data[16:29])
    body[place] = value
    return SIGNATURE + chunk(b"IHDR", bytes(body)) + data[33:]


BROKEN = {
    "first byte": b"\x99" + png(GREY, 8, 0)[1:],
    "letters": b"\x89png" + png(GREY, 8, 0)[4:],
    "line ends": png(GREY, 8, 0).replace(b"\r\n", b"\n"),
    "more line ends": png(GREY, 8, 0).replace(b"\n", b"\r\n"),
    "colour type 1": header(9, 1),
    "colour type 9": header(9, 9),
    "no depth": header(8, 0),
    "depth 3": header(8, 3),
    "depth 99": header(8, 99),
    "interlace 7": header(12, 7),
    "header's checksum": png(GREY, 8, 0)[:29] + b"1234" + png(GREY, 8, 0)[33:],
    "no pixels": without(png(GREY, 8, 0), b"IDAT"),
    "no palette": png(GREY // 16, 4, 3),
    "too few pixels": SIGNATURE
    + png(GREY, 8, 0)[8:33]
    + chunk(b"IDAT", zlib.compress(bytes(50)))
    + chunk(b"IEND", b""),
    "zero wide": header(3, 0),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_png_is_refused_in_words(tmp_path, kind):
    path = tmp_path / "broken.png"
    path.write_bytes(BROKEN[kind])
    with pytest.raises(ImageError) as refused:
        read_image(path)
    assert len(str(refused.value).splitlines()) == 1


def test_a_tiff_whose_directory_follows_itself_is_refused(tmp_path):
    path = tmp_path / "circle.tif"
    image("RGB").save(path)
    data = bytearray(path.read_bytes())
    first = int.from_bytes(data[4:8], "little")
    last = first + 2 + 12 * int.from_bytes(data[first : first + 2], "little")
    data[last : last + 4] = data[4:8]
    path.write_bytes(data)
    with pytest.raises(ImageError, match="circular"), opened(path):
        pass


def test_a_tiff_of_endless_previews_is_refused_at_once(tmp_path):
    """A million small directories would take minutes to go through."""
    path = tmp_path / "previews.tif"
    with tifffile.TiffWriter(path) as file:
        for number in range(200):
            file.write(samples(1)[..., 0].astype(np.uint8), subfiletype=min(number, 1), metadata=None)
    with pytest.raises(ImageError, match="several frames"), opened(path):
        pass


def test_a_folder_of_damaged_files_is_gone_through_whole(tmp_path, sharpcli):
    """Every bad one has its line, the good ones come out, and nothing else is left."""
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    files = seeds()
    for number in range(100):
        name, data = mutated(number, files)
        (folder / f"{number:03}-{name}").write_bytes(data)
    PILImage.new("RGB", (WIDTH, HEIGHT), "red").save(folder / "good.png")
    names = sorted(path.name for path in folder.iterdir())
    result = sharpcli("enhance", folder, "-o", out, "-e", "bicubic", "--workers", 1)
    assert result.exit_code == 1
    written = {path.name for path in out.rglob("*") if path.is_file() and not path.name.startswith(".sharpcli.")}
    assert "good.png" in written
    lines = [line for line in result.stderr.splitlines() if line.startswith("[")]
    assert len(lines) == len({line.split("]")[0] for line in lines}), "more than one line about a file"
    assert len(written) + sum("] failed " in line for line in lines) == len(lines)
    assert "Traceback" not in result.stdout + result.stderr
    assert not list(out.rglob("*.part"))
    assert sorted(path.name for path in folder.iterdir()) == names
