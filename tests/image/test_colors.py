"""Colours survive or are refused, never silently others."""

import struct

import numpy as np
import pytest
from PIL import Image

from sharpcli.errors import PictureError
from sharpcli.image.image import Picture
from sharpcli.image.read import read_picture
from sharpcli.image.write import write_picture
from tests.fuzz.seeds import icc
from tests.helpers.files import png_of

GREY = icc()[:16] + b"GRAY" + icc()[20:]
PRIMARIES = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
WIDE = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
GAMMA, LINEAR = (b"gAMA", struct.pack(">I", 45455)), (b"gAMA", struct.pack(">I", 100000))
PLAIN, P3 = (b"cHRM", struct.pack(">8I", *PRIMARIES)), (b"cHRM", struct.pack(">8I", *WIDE))
SRGB, CODE = (b"sRGB", b"\0"), (b"cICP", bytes([12, 13, 0, 1]))
OTHERS = ["jpg", "webp", "tif", "bmp", "avif"]


def with_profile(mode, profile):
    return Picture(np.full((4, 4, len(mode)), 255, np.uint8), mode, {"icc_profile": profile})


@pytest.mark.parametrize(
    ("mode", "profile", "ending"),
    [
        ("RGB", icc(), "bmp"),
        ("L", GREY, "bmp"),
        ("L", GREY, "webp"),
        ("LA", GREY, "webp"),
        ("LA", GREY, "avif"),
    ],
)
def test_a_profile_without_a_place_is_refused(tmp_path, mode, profile, ending):
    with pytest.raises(PictureError, match=r"colour profile.*--format png"):
        write_picture(with_profile(mode, profile), tmp_path / f"out.{ending}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "avif"])
def test_a_grey_profile_stays_where_grey_stays(tmp_path, ending):
    write_picture(with_profile("L", GREY), tmp_path / f"out.{ending}")
    with Image.open(tmp_path / f"out.{ending}") as image:
        assert (image.mode, image.info["icc_profile"]) == ("L", GREY)


def pictured(tmp_path, chunks):
    (tmp_path / "in.png").write_bytes(png_of(4, 4, 8, 2, [bytes(12)] * 4, before=chunks))
    return read_picture(tmp_path / "in.png")


@pytest.mark.parametrize("ending", OTHERS)
@pytest.mark.parametrize("chunks", [[LINEAR], [P3], [GAMMA, P3], [LINEAR, PLAIN], [CODE], [CODE, SRGB]])
def test_colour_chunks_without_a_place_are_refused(tmp_path, ending, chunks):
    picture = pictured(tmp_path, chunks)
    with pytest.raises(PictureError, match=r"colours of its own.*--format png"):
        write_picture(picture, tmp_path / f"out.{ending}")
    write_picture(picture, tmp_path / "out.png")
    assert read_picture(tmp_path / "out.png").metadata["chunks"] == picture.metadata["chunks"]


@pytest.mark.parametrize("ending", OTHERS)
@pytest.mark.parametrize("chunks", [[], [GAMMA], [GAMMA, PLAIN], [SRGB], [SRGB, GAMMA, PLAIN]])
def test_what_is_srgb_anyway_is_written(tmp_path, ending, chunks):
    write_picture(pictured(tmp_path, chunks), tmp_path / f"out.{ending}")
    assert read_picture(tmp_path / f"out.{ending}").pixels.shape == (4, 4, 3)
