"""HEIC files are read with their metadata, in their own depth, and never written."""

import io
import struct
import sys

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
from tests.fuzz.seeds import exif, icc
from tests.helpers.avif import properties_added

pillow_heif = pytest.importorskip("pillow_heif", reason="needs the extra heic")

DOWN, ACROSS = np.mgrid[0:64, 0:96]
SMOOTH = np.stack([ACROSS * 2, DOWN * 4, (ACROSS + DOWN)], axis=2).astype(np.uint8)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF dc:source="kept" xmlns:dc="d"/></x:xmpmeta>'


def made(tmp_path, pixels=SMOOTH, mode="RGB", **options):
    image = pillow_heif.from_bytes(mode, pixels.shape[1::-1], np.ascontiguousarray(pixels).tobytes())
    file = io.BytesIO()
    image.save(file, quality=options.pop("quality", 95), **options)
    (tmp_path / "in.heic").write_bytes(file.getvalue())
    return tmp_path / "in.heic"


def with_alpha(pixels):
    return np.concatenate([pixels, SMOOTH[..., :1]], axis=2)


def again(path, ending):
    image = read_image(path)
    out = path.with_name(f"out.{ending}")
    return image, (*image.notes, *write_image(image, out)), out


@pytest.mark.parametrize(
    ("mode", "pixels"),
    [("L", SMOOTH[..., :1]), ("LA", with_alpha(SMOOTH[..., :1])), ("RGB", SMOOTH), ("RGBA", with_alpha(SMOOTH))],
)
def test_every_mode_is_read(tmp_path, mode, pixels):
    image = read_image(made(tmp_path, pixels, mode))
    assert (image.mode, image.notes) == (mode, ())
    assert np.abs(image.pixels.astype(int) - pixels).mean() < 3


@pytest.mark.parametrize("ending", ["avif", "png"])
def test_ten_bits_are_read_as_sixteen(tmp_path, ending):
    pixels = SMOOTH.astype(np.uint16) * 257
    pixels[:8, :8] = 65535
    image, notes, out = again(made(tmp_path, pixels, "RGB;16", quality=-1), ending)
    assert image.pixels.dtype == np.uint16
    assert image.pixels[:4, :4].min() > 65000
    assert len(np.unique(image.pixels)) > 256
    assert notes == ()
    back = read_image(out)
    assert back.pixels.dtype == np.uint16
    assert np.abs(back.pixels.astype(int) - image.pixels).mean() < 257


@pytest.mark.parametrize("ending", ["png", "avif"])
def test_what_is_said_in_it_stays(tmp_path, ending):
    _, notes, out = again(made(tmp_path, exif=exif(orientation=1), xmp=XMP, icc_profile=icc()), ending)
    assert notes == ()
    assert XMP in out.read_bytes()
    with PILImage.open(out) as written:
        assert written.info["icc_profile"] == icc()
        assert written.getexif()[272] == "Box Brownie"


def test_colors_that_are_not_srgb_stay(tmp_path):
    nclx = {"color_primaries": 12, "transfer_characteristics": 13, "matrix_coefficients": 6, "full_range_flag": 1}
    path = made(tmp_path, **nclx)
    data = path.read_bytes()
    place = data.index(b"colrnclx") + 8
    path.write_bytes(data[:place] + struct.pack(">HHH", 12, 13, 6) + data[place + 6 :])
    image, notes, out = again(path, "png")
    assert notes == ()
    assert b"cICP\x0c\x0d\0\1" in out.read_bytes()
    with pytest.raises(ImageError, match="colour information"):
        write_image(image, tmp_path / "out.jpg")


@pytest.mark.parametrize("angle", [0, 1, 2, 3])
def test_a_turned_image_is_read_upright(tmp_path, angle):
    path = made(tmp_path)
    path.write_bytes(properties_added(path.read_bytes(), (b"irot", bytes([angle]))))
    image = read_image(path)
    assert np.abs(image.pixels.astype(int) - np.rot90(SMOOTH, angle)).mean() < 3


def test_a_depth_map_is_told_and_no_transparency(tmp_path):
    path = made(tmp_path, with_alpha(SMOOTH), "RGBA")
    data = path.read_bytes()
    assert b"auxid:1" in data
    path.write_bytes(data.replace(b"auxid:1", b"auxid:2"))
    image, notes, _ = again(path, "png")
    assert image.mode == "RGB"
    assert notes == ("not carried over: depth map",)


def test_a_burst_is_refused(tmp_path):
    file = pillow_heif.from_bytes("RGB", (96, 64), SMOOTH.tobytes())
    file.add_frombytes("RGB", (96, 64), SMOOTH[::-1].tobytes())
    file.save(tmp_path / "in.heic")
    with pytest.raises(ImageError, match="several frames"):
        read_image(tmp_path / "in.heic")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("hole", [True, False], ids=["zeros", "cut"])
def test_a_half_loaded_file_is_refused_behind_a_good_one(tmp_path, share, hole):
    path = made(tmp_path, np.random.default_rng(1).integers(0, 256, SMOOTH.shape, dtype=np.uint8))
    whole = path.read_bytes()
    read_image(path)
    start = whole.index(b"mdat") + 8
    size = int(start + share * (len(whole) - start))
    path.write_bytes(whole[:size] + bytes(len(whole) - size) * hole)
    with pytest.raises(ImageError, match="damaged or truncated"):
        read_image(path)


def test_it_is_not_written(tmp_path):
    with pytest.raises(ImageError, match=r"HEIC, which is only read; .* --format jpg"):
        write_image(read_image(made(tmp_path)), tmp_path / "out.heic")


def test_without_the_extra_the_remedy_is_told(tmp_path, monkeypatch):
    path = made(tmp_path)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match=r"is HEIC, .*pip install 'sharpcli\[heic\]'"):
        read_image(path)
