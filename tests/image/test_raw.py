import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.errors import ImageError
from sharpcli.image.raw import raw_ending
from sharpcli.image.read import read_image
from tests.helpers import raw_files
from tests.helpers.raw_files import camera_tiff, digital_negative

CAMERAS = {
    "CR2": lambda path: path.write_bytes(raw_files.CR2 + bytes(100)),
    "NEF": lambda path: camera_tiff(path, "NIKON CORPORATION", below=True),
    "ARW": lambda path: camera_tiff(path, "SONY", below=True),
    "PEF": lambda path: camera_tiff(path, "PENTAX"),
    "SRW": lambda path: camera_tiff(path, "SAMSUNG", below=True),
    "3FR": lambda path: camera_tiff(path, "Hasselblad", below=True),
    "DNG": digital_negative,
    "RAF": lambda path: path.write_bytes(raw_files.RAF),
    "CR3": lambda path: path.write_bytes(raw_files.CR3),
}


@pytest.mark.parametrize("name", ["photo", "photo.tif", "photo.jpg", "photo.own"])
@pytest.mark.parametrize("kind", CAMERAS)
def test_a_raw_file_is_told_by_its_bytes_and_named(tmp_path, kind, name):
    path = tmp_path / name.replace("own", kind.lower())
    CAMERAS[kind](path)
    with pytest.raises(ImageError, match=rf"RAW file \({kind}\), which is not supported; export it as TIFF or JPEG"):
        read_image(path)


@pytest.mark.parametrize("ending", ["nef", "orf", "kdc", "x3f"])
def test_what_is_called_raw_and_begins_as_a_tiff_is_not_taken_for_its_thumbnail(tmp_path, ending):
    path = tmp_path / f"photo.{ending}"
    tifffile.imwrite(path, np.zeros((16, 16, 3), np.uint8), photometric="rgb")
    with pytest.raises(ImageError, match=rf"RAW file \({ending.upper()}\)"):
        read_image(path)


def test_a_camera_nobody_knows_is_not_named(tmp_path):
    with pytest.raises(ImageError, match="is a camera's RAW file, which"):
        read_image(camera_tiff(tmp_path / "photo", "Acme"))


def test_a_tiff_of_a_camera_stays_a_tiff(tmp_path):
    path = tmp_path / "developed.tif"
    pixels = np.full((16, 16, 3), 7, np.uint16)
    tifffile.imwrite(path, pixels, photometric="rgb", extratags=[(271, "s", 0, "NIKON CORPORATION", True)])
    np.testing.assert_array_equal(read_image(path).pixels, pixels)


@given(st.sampled_from([b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"]), st.binary(max_size=300))
def test_a_damaged_tiff_is_asked_without_harm(tmp_path_factory, start, rest):
    path = tmp_path_factory.mktemp("damaged") / "a.tif"
    path.write_bytes(start + rest)
    with path.open("rb") as file:
        raw_ending(file)
        assert file.tell() == 0


def test_directories_that_go_in_a_circle_are_asked_once(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(b"II*\0\x08\0\0\0" + b"\0\0" + b"\x08\0\0\0")
    with path.open("rb") as file:
        assert raw_ending(file) == ""
