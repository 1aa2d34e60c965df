"""Damage that libjpeg complains of is told; an image of which pixels are missing is refused; harmless damage is not."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.image import Image
from sharpcli.image.read import opened, read_image
from sharpcli.image.write import write_image
from tests.image.jpeg.make import jpeg, picture, with_segments

KINDS = {
    "plain": {},
    "progressive": {"progressive": True},
    "with restart marks": {"restart_marker_rows": 1},
    "full chroma": {"subsampling": 0},
}
OF_MODES = {"grey": "L", "inks": "CMYK"}


def read(tmp_path, data):
    (tmp_path / "in.jpg").write_bytes(data)
    return read_image(tmp_path / "in.jpg")


def made(name):
    return jpeg(picture(mode=OF_MODES.get(name, "RGB")), **KINDS.get(name, {}))


def frame(data):
    """Where the payload of a frame begins."""
    return next(data.index(mark) for mark in (b"\xff\xc0", b"\xff\xc2") if mark in data) + 4


@pytest.mark.parametrize("name", [*KINDS, *OF_MODES])
def test_pixels_are_those_that_pillow_decodes(tmp_path, name):
    image = read(tmp_path, made(name))
    pixels = np.array(PILImage.open(io.BytesIO(made(name))))
    np.testing.assert_array_equal(image.pixels, pixels.reshape(image.pixels.shape))
    assert image.notes == ()


@pytest.mark.parametrize("name", [*KINDS, *OF_MODES])
def test_a_missing_end_costs_nothing_but_a_note(tmp_path, name):
    data = made(name)
    image = read(tmp_path, data[:-2])
    np.testing.assert_array_equal(image.pixels, read(tmp_path, data).pixels)
    assert image.notes == ("may be damaged (its end is missing, but all pixels are there)",)


@pytest.mark.parametrize("name", [*KINDS, *OF_MODES])
@pytest.mark.parametrize("end", [b"", b"\xff\xd9"], ids=["", "with an end"])
def test_half_of_the_pixels_are_not_an_image(tmp_path, name, end):
    data = made(name)
    scan = data.index(b"\xff\xda")
    cut = data.index(b"\xff\xda", scan + 2) if name == "progressive" else len(data)
    with pytest.raises(ImageError, match="truncated"):
        read(tmp_path, data[: (scan + cut) // 2] + end)


def test_a_changed_bit_among_the_pixels_is_told(tmp_path):
    """With restart marks the rest stays whole, and everything that libjpeg says of it is a note."""
    data = bytearray(made("with restart marks"))
    first = data.index(b"\xff\xd0")
    del data[first - 12 : first - 2]
    (note,) = read(tmp_path, bytes(data)).notes
    assert note.startswith("may be damaged (Corrupt JPEG data")


def test_bytes_between_marks_are_told(tmp_path):
    data = jpeg()
    (note,) = read(tmp_path, data[:-2] + b"abc" * 50 + data[-2:]).notes
    assert "extraneous" in note or "corrupt" in note.lower()


def test_a_progressive_image_without_its_last_scans_is_told(tmp_path):
    data = made("progressive")
    last = data.rindex(b"\xff\xda")
    (note,) = read(tmp_path, data[:last] + b"\xff\xd9").notes
    assert "finest detail" in note
    with pytest.raises(ImageError, match="before its last scan"):
        read(tmp_path, data[:last])


def test_a_channel_without_a_scan_is_missing(tmp_path):
    data = made("progressive")
    scan = data.index(b"\xff\xda")
    with pytest.raises(ImageError, match="missing"):
        read(tmp_path, data[:scan] + data[data.index(b"\xff\xc4", scan) :])


def test_chroma_that_cannot_be_checked_is_decoded_and_told(tmp_path):
    """Every block of a flat image is the same few bits, which serve for any order of luma and chroma."""
    data = bytearray(jpeg(PILImage.new("RGB", (64, 64), (128, 128, 128)), subsampling=0, optimize=True))
    samplings = slice(frame(data) + 7, frame(data) + 14, 3)
    data[samplings] = b"\x22\x21\x11"
    image = read(tmp_path, data)
    assert (image.pixels == 128).all()
    assert "without a check" in image.notes[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data, at: data.__setitem__(at - 3, 0xC6), "hierarchical"),
        (lambda data, at: data.__setitem__(at, 12), "12 bits per channel"),
        (lambda data, at: data.__setitem__(slice(at + 1, at + 3), b"\0\0"), "does not tell its size"),
    ],
    ids=["hierarchical", "12 bits", "no height"],
)
def test_what_is_not_decoded_is_refused_from_the_header(tmp_path, change, words):
    data = bytearray(jpeg())
    change(data, frame(data))
    (tmp_path / "in.jpg").write_bytes(data)
    with pytest.raises(ImageError, match=words), opened(tmp_path / "in.jpg"):
        pass


def test_a_lossless_jpeg_is_written_as_an_ordinary_one(tmp_path):
    import imagecodecs

    pixels = np.array(picture())
    image = read(tmp_path, imagecodecs.jpeg8_encode(pixels, lossless=True))
    np.testing.assert_array_equal(image.pixels, pixels)
    write_image(image, tmp_path / "out.jpg")
    assert np.abs(read_image(tmp_path / "out.jpg").pixels.astype(int) - pixels).mean() < 3


COARSE = """
import sys
from pathlib import Path
import numpy as np
from sharpcli.image.image import Image
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
noise = np.random.default_rng(0).integers(0, 2, (320, 320, 3)).astype(np.uint8) * 255
for progressive in (False, True):
    write_image(Image(noise, "RGB", {"jpeg": {"qtables": [[1] * 64], "progressive": progressive}}), Path(sys.argv[1]))
image = read_image(Path(sys.argv[2]))
write_image(image, Path(sys.argv[1]))
read_image(Path(sys.argv[1]))
"""


def test_libjpeg_writes_nothing_on_the_screen(tmp_path):
    coarse = bytearray(jpeg())
    at = coarse.index(b"\xff\xdb")
    table = b"\xff\xdb\x00\x83\x10" + b"".join(step.to_bytes(2, "big") for step in range(300, 364))
    length = int.from_bytes(coarse[at + 2 : at + 4], "big")
    coarse[at : at + 2 + length] = table
    (tmp_path / "in.jpg").write_bytes(coarse.replace(b"\xff\xc0", b"\xff\xc1"))
    ended = subprocess.run(
        [sys.executable, "-c", COARSE, tmp_path / "out.jpg", tmp_path / "in.jpg"], capture_output=True, check=True
    )
    assert ended.stderr == ended.stdout == b""


def test_a_side_that_no_jpeg_has_is_refused_in_words(tmp_path, capfd):
    with pytest.raises(ImageError, match="65501 pixels on a side, and JPEG supports at most 65500"):
        write_image(Image(np.zeros((1, 65501, 3), np.uint8), "RGB"), tmp_path / "out.jpg")
    assert capfd.readouterr().err == ""


def test_many_small_pieces_behind_an_image_take_no_time_to_speak_of(tmp_path):
    image = read(tmp_path, jpeg() + b"\0\xff\xd8\xff\xd9" * 3000 + with_segments(jpeg(picture(8, 8))))
    assert write_image(image, tmp_path / "out.jpg") == ()
