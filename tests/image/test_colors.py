"""Colours survive or are refused, never silently others."""

import struct

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.image import Image
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
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
    return Image(np.full((4, 4, len(mode)), 255, np.uint8), mode, {"icc_profile": profile})


@pytest.mark.parametrize(
    ("mode", "profile", "ending"),
    [
        ("L", GREY, "webp"),
        ("LA", GREY, "webp"),
    ],
)
def test_a_profile_without_a_place_is_refused(tmp_path, mode, profile, ending):
    with pytest.raises(ImageError, match=r"colour profile.*--format png"):
        write_image(with_profile(mode, profile), tmp_path / f"out.{ending}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "avif"])
def test_a_grey_profile_stays_where_grey_stays(tmp_path, ending):
    write_image(with_profile("L", GREY), tmp_path / f"out.{ending}")
    with PILImage.open(tmp_path / f"out.{ending}") as image:
        assert (image.mode, image.info["icc_profile"]) == ("L", GREY)


def image_with(tmp_path, chunks):
    (tmp_path / "in.png").write_bytes(png_of(4, 4, 8, 2, [bytes(12)] * 4, before=chunks))
    return read_image(tmp_path / "in.png")


NOT_SRGB = [[LINEAR], [P3], [GAMMA, P3], [LINEAR, PLAIN], [CODE], [CODE, SRGB]]


@pytest.mark.parametrize(
    ("ending", "chunks"),
    [(ending, chunks) for ending in OTHERS for chunks in NOT_SRGB if ending != "avif" or CODE not in chunks],
)
def test_color_chunks_without_a_place_are_refused(tmp_path, ending, chunks):
    image = image_with(tmp_path, chunks)
    with pytest.raises(ImageError, match=r"colour information.*--format png"):
        write_image(image, tmp_path / f"out.{ending}")
    write_image(image, tmp_path / "out.png")
    assert read_image(tmp_path / "out.png").metadata["chunks"] == image.metadata["chunks"]


@pytest.mark.parametrize("ending", OTHERS)
@pytest.mark.parametrize("chunks", [[], [GAMMA], [GAMMA, PLAIN], [SRGB], [SRGB, GAMMA, PLAIN]])
def test_what_is_srgb_anyway_is_written(tmp_path, ending, chunks):
    write_image(image_with(tmp_path, chunks), tmp_path / f"out.{ending}")
    assert read_image(tmp_path / f"out.{ending}").pixels.shape == (4, 4, 3)
