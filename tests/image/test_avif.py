"""AVIF files: colours, depth, sampling, transparency and what lies in their boxes stay."""

import io
import struct

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.codecs.heif.avif import narrowed, spread
from sharpcli.image.image import Image
from sharpcli.image.read import read_image
from sharpcli.image.scratch import IN_MEMORY
from sharpcli.image.write import write_image
from tests.fuzz.seeds import exif, icc
from tests.helpers.avif import properties_added

DOWN, ACROSS = np.mgrid[0:48, 0:64]
SMOOTH = np.stack([ACROSS * 4, DOWN * 5, (ACROSS + DOWN) * 2], axis=2).astype(np.uint8)
CHECKED = np.where(((ACROSS + DOWN) % 2)[..., None], [230, 40, 40], [40, 40, 230]).astype(np.uint8)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF dc:source="kept" xmlns:dc="d"/></x:xmpmeta>'


def made(tmp_path, pixels=SMOOTH, **options):
    options = {"level": 90, "speed": 9, "pixelformat": "444", **options}
    (tmp_path / "in.avif").write_bytes(imagecodecs.avif_encode(pixels, **options))
    return tmp_path / "in.avif"


def again(path, ending="avif", **options):
    image = read_image(path)
    out = path.with_name(f"out.{ending}")
    return image, (*image.notes, *write_image(image, out, **options)), out


def nclx(path):
    data = path.read_bytes()
    place = data.index(b"colrnclx") + 8
    return struct.unpack_from(">HHH", data, place)


@pytest.mark.parametrize("code", [(12, 13, 6), (9, 16, 9), (1, 13, 1), (2, 2, 6), (9, 18, 9)])
def test_the_meaning_of_colors_stays(tmp_path, code):
    primaries, transfer, matrix = code
    path = made(tmp_path, primaries=primaries, transfer=transfer, matrix=matrix)
    _, notes, out = again(path, strip=True)
    assert nclx(path) == nclx(out) == code
    assert notes == ()


def test_colors_that_are_not_srgb_are_told_to_a_png_and_refused_elsewhere(tmp_path):
    image, notes, out = again(made(tmp_path, primaries=12, transfer=13), "png")
    assert notes == ()
    assert b"cICP\x0c\x0d\0\1" in out.read_bytes()
    with pytest.raises(ImageError, match=r"colour information .*cICP"):
        write_image(image, tmp_path / "out.jpg")
    write_image(read_image(out), tmp_path / "back.avif")
    assert nclx(tmp_path / "back.avif")[:2] == (12, 13)


@pytest.mark.parametrize("bits", [10, 12])
def test_ten_and_twelve_bits_stay(tmp_path, bits):
    pixels = (SMOOTH.astype(np.uint16) << (bits - 8)) + 1
    image, notes, out = again(made(tmp_path, pixels, bitspersample=bits))
    assert image.pixels.dtype == np.uint16
    assert notes == ()
    back = imagecodecs.avif_decode(out.read_bytes())
    assert back.dtype == np.uint16
    assert np.abs(back.astype(int) - pixels).mean() < 1 << (bits - 8)
    with pytest.raises(ImageError, match="16 bits"):
        write_image(image, tmp_path / "out.jpg")
    write_image(image, tmp_path / "out.png")
    np.testing.assert_array_equal(read_image(tmp_path / "out.png").pixels, image.pixels)


@given(st.sampled_from([10, 12]), st.integers(0, 4095))
def test_a_level_of_fewer_bits_comes_back_from_sixteen(bits, level):
    pixels = np.full((1, 1, 1), level >> (12 - bits), np.uint16)
    wide = np.empty_like(pixels)
    spread(pixels, bits, wide, IN_MEMORY)
    assert (wide.max() == 65535) == (pixels.max() == (1 << bits) - 1)
    np.testing.assert_array_equal(narrowed(wide, bits), pixels)


def test_sixteen_bits_of_a_png_are_not_cut_to_twelve(tmp_path):
    with pytest.raises(ImageError, match="at most 12"):
        write_image(Image(np.zeros((4, 4, 3), np.uint16), "RGB"), tmp_path / "a.avif")


def sampling(path):
    data = path.read_bytes()
    flags = data[data.index(b"av1C") + 6]
    return "400" if flags & 16 else {0: "444", 8: "422", 12: "420"}[flags & 12]


@pytest.mark.parametrize("chroma", ["444", "422", "420", "400"])
def test_the_sampling_of_colors_stays(tmp_path, chroma):
    path = made(tmp_path, pixelformat=chroma)
    image, _, out = again(path)
    assert image.mode == ("L" if chroma == "400" else "RGB")
    assert sampling(path) == sampling(out) == chroma


@pytest.mark.parametrize("quality", [None, 90])
def test_fine_colors_survive_where_they_did(tmp_path, quality):
    _, _, out = again(made(tmp_path, CHECKED), quality=quality)
    error = imagecodecs.avif_decode(out.read_bytes()).astype(float) - CHECKED
    assert (error**2).mean() < 100


def test_without_loss_stays_without_loss(tmp_path):
    _, _, out = again(made(tmp_path, CHECKED, level=100))
    np.testing.assert_array_equal(imagecodecs.avif_decode(out.read_bytes()), CHECKED)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparency_is_written_without_loss(tmp_path, mode):
    alpha = np.random.default_rng(3).integers(0, 256, (48, 64, 1), dtype=np.uint8)
    pixels = np.concatenate([SMOOTH[..., : len(mode) - 1], alpha], axis=2)
    write_image(Image(pixels, mode), tmp_path / "a.avif", quality=20)
    image = read_image(tmp_path / "a.avif")
    assert image.mode == mode
    np.testing.assert_array_equal(image.pixels[..., -1:], alpha)


def test_a_grey_image_follows_the_quality(tmp_path):
    grey = np.random.default_rng(3).integers(0, 256, (200, 200, 1), dtype=np.uint8)
    for quality in (10, 90):
        write_image(Image(grey, "L"), tmp_path / f"{quality}.avif", quality=quality)
    assert (tmp_path / "10.avif").stat().st_size < (tmp_path / "90.avif").stat().st_size / 2


@pytest.mark.parametrize("ending", ["avif", "png"])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_profile_exif_and_xmp_stay(tmp_path, mode, ending):
    PILImage.fromarray(SMOOTH).convert(mode).save(
        tmp_path / "in.avif", icc_profile=icc(), exif=exif(orientation=1), xmp=XMP, quality=80
    )
    _, notes, out = again(tmp_path / "in.avif", ending)
    assert notes == ()
    with PILImage.open(out) as written:
        assert written.info["icc_profile"] == icc()
        assert written.getexif()[272] == "Box Brownie"
        assert XMP in out.read_bytes()
        assert written.size == (64, 48)
        written.load()


TURNS = [(None, None), *((angle, axis) for angle in (None, 0, 1, 2, 3) for axis in (None, 0, 1))]


@pytest.mark.parametrize(("angle", "axis"), TURNS)
def test_an_image_is_turned_as_pillow_turns_it(tmp_path, angle, axis):
    path = made(tmp_path)
    more = [] if angle is None else [(b"irot", bytes([angle]))]
    more += [] if axis is None else [(b"imir", bytes([axis]))]
    path.write_bytes(properties_added(path.read_bytes(), *more) if more else path.read_bytes())
    with PILImage.open(path) as seen:
        orientation = seen.getexif().get(274, 1)
    stored = imagecodecs.avif_decode(path.read_bytes())
    turn = (None, 0, 3, 1, 5, 4, 6, 2)[orientation - 1]
    seen = PILImage.fromarray(stored)
    expected = seen if turn is None else seen.transpose(PILImage.Transpose(turn))
    image, notes, out = again(path)
    np.testing.assert_array_equal(image.pixels, np.asarray(expected))
    assert notes == ()
    assert read_image(out).pixels.shape == image.pixels.shape


def test_a_clipped_image_is_read_as_it_is_seen(tmp_path):
    path = made(tmp_path)
    clap = struct.pack(">IIIIiIiI", 40, 1, 20, 1, 2, 1, 1, 1)  # 40 x 20, its middle 2 to the right and 1 below
    path.write_bytes(properties_added(path.read_bytes(), (b"clap", clap)))
    stored = imagecodecs.avif_decode(path.read_bytes())
    np.testing.assert_array_equal(read_image(path).pixels, stored[15:35, 14:54])


def test_what_the_screen_was_and_the_shape_of_pixels_stay(tmp_path):
    path = made(tmp_path)
    more = [(b"clli", b"\1\2\3\4"), (b"mdcv", bytes(range(24))), (b"pasp", struct.pack(">II", 4, 3))]
    path.write_bytes(properties_added(path.read_bytes(), *more))
    _, notes, out = again(path)
    assert notes == ()
    for kind, body in more:
        assert kind + body in out.read_bytes()


def test_a_property_that_nobody_knows_is_told(tmp_path):
    path = made(tmp_path)
    path.write_bytes(properties_added(path.read_bytes(), (b"xyzw", b"what")))
    assert again(path)[1] == ("not carried over: property (xyzw)",)


def test_boxes_beside_the_image_are_told(tmp_path):
    path = made(tmp_path)
    path.write_bytes(path.read_bytes() + struct.pack(">I4s", 13, b"mpvd") + b"video")
    assert again(path)[1] == ("not carried over: motion photo video",)


def test_no_cut_of_an_avif_is_read_behind_a_good_one(tmp_path):
    path = made(tmp_path)
    whole = path.read_bytes()
    read_image(path)
    for size in range(1, len(whole), 37):
        path.write_bytes(whole[:size])
        with pytest.raises(ImageError):
            read_image(path)


def test_several_images_are_refused(tmp_path):
    frames = [PILImage.fromarray(SMOOTH), PILImage.fromarray(CHECKED)]
    file = io.BytesIO()
    frames[0].save(file, "AVIF", save_all=True, append_images=frames[1:])
    (tmp_path / "in.avif").write_bytes(file.getvalue())
    with pytest.raises(ImageError, match="several frames"):
        read_image(tmp_path / "in.avif")


def test_a_gain_map_is_told_and_no_transparency(tmp_path):
    alpha = np.full((48, 64, 1), 100, np.uint8)
    path = made(tmp_path, np.concatenate([SMOOTH, alpha], axis=2))
    name, other = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:com:apple:photo:2020:aux:hdrgainmap"
    path.write_bytes(path.read_bytes().replace(name, other.ljust(len(name), b"\0")))
    image, notes, _ = again(path)
    assert image.mode == "RGB"
    assert notes == ("not carried over: HDR gain map",)


def test_pixels_whose_end_never_arrived_are_refused_or_told(tmp_path):
    path = made(tmp_path, np.random.default_rng(2).integers(0, 256, SMOOTH.shape, dtype=np.uint8))
    data = path.read_bytes()
    for share in (0.3, 0.6, 0.9):
        size = int(len(data) * share)
        path.write_bytes(data[:size] + bytes(len(data) - size))
        try:
            assert "ends in zeros" in "".join(read_image(path).notes)
        except ImageError as error:
            assert "damaged" in str(error)
