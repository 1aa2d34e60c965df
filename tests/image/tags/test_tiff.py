"""What the tags of a TIFF say comes back in TIFF, JPEG and PNG byte for byte; exiftool is the judge where it is."""

import json
import shutil
import struct
import subprocess

import numpy as np
import pytest

from sharpcli.errors import ImageError
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
from tests.helpers.tiffs import bytes_of, numbers, text, tiff_of

IPTC = b"\x1c\x02\x78\0\x09A caption\x1c\x02\x50\0\x0cPhotographer\x1c\x02\x19\0\x05alpha"
RESOURCE = b"8BIM\x04\x0b\0\0\0\0\0\x0chttp://a.b/c"
NOTE = b"Some maker\0" + bytes(range(200, 250))
EXIFTOOL = shutil.which("exiftool")
UNLIKE = ("StripOffsets", "StripByteCounts", "RowsPerStrip", "ThumbnailOffset", "ExifByteOrder", "PixelScale")


def everything(order):
    """One of all: text in two encodings, IPTC typed LONG, Photoshop's, colours, UNDEFINED tags, a map, a note."""
    iptc = IPTC + bytes(-len(IPTC) % 4)
    first = [
        text(270, "Zürich – é 日本"),
        text(315, "Jürgen Müller – 東京"),
        text(33432, "© 2020".encode("latin-1")),
        text(271, "Maker"),
        numbers(order, 301, "H", *range(256)),
        numbers(order, 318, "R", 3127, 10000, 329, 1000),
        numbers(order, 319, "R", 64, 100, 33, 100, 21, 100, 71, 100, 15, 100, 6, 100),
        numbers(order, 282, "R", 1181102, 10000),
        numbers(order, 283, "R", 1181102, 10000),
        numbers(order, 296, "H", 3),
        (33723, 4, len(iptc) // 4, iptc),
        bytes_of(34377, 1, RESOURCE),
        bytes_of(50708, 7, b"\0\1\2\xff"),
        bytes_of(65000, 7, b"private \0 words \xff"),
    ]
    exif = [
        bytes_of(36864, 7, b"0231"),
        bytes_of(37510, 7, b"UNICODE\0Z\0\xfc\0r\0"),
        bytes_of(37500, 7, NOTE),
        bytes_of(41729, 7, b"\1"),
        numbers(order, 33434, "R", 1, 250),
        numbers(order, 40962, "H", 6),
        numbers(order, 40963, "H", 5),
    ]
    gps = [
        bytes_of(0, 1, b"\2\3\0\0"),
        text(1, "N"),
        numbers(order, 2, "R", 47, 1, 30, 1, 155, 10),
        bytes_of(27, 7, b"ASCII\0\0\0GPS"),
    ]
    interop = [text(1, "R98"), bytes_of(2, 7, b"0100")]
    return tiff_of(order, first, exif, gps, interop)


def seen(path):
    """All tags as exiftool shows them, by group and name, without those of the file and its layout."""
    command = [str(EXIFTOOL), "-a", "-G1", "-j", "-b", "-n", str(path)]
    (found,) = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    own = ("System", "File", "ExifTool", "Composite", "SourceFile", "JFIF", "PNG")
    tags = {tuple(key.split(":")): value for key, value in found.items() if not key.startswith(own)}
    return {key: value for key, value in tags.items() if key[1] not in UNLIKE}


@pytest.mark.skipif(not EXIFTOOL, reason="needs exiftool")
@pytest.mark.parametrize("order", "<>")
def test_exiftool_sees_the_same_tags_in_the_tiff_that_is_written(tmp_path, order):
    (tmp_path / "in.tif").write_bytes(everything(order))
    assert write_image(read_image(tmp_path / "in.tif"), tmp_path / "out.tif") == ()
    before, after = seen(tmp_path / "in.tif"), seen(tmp_path / "out.tif")
    assert {key: after.get(key) for key in before} == before


@pytest.mark.skipif(not EXIFTOOL, reason="needs exiftool")
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "avif"])
def test_exiftool_sees_the_same_tags_in_other_formats(tmp_path, order, ending):
    (tmp_path / "in.tif").write_bytes(everything(order))
    write_image(read_image(tmp_path / "in.tif"), tmp_path / f"out.{ending}")
    before, after = seen(tmp_path / "in.tif"), seen(tmp_path / f"out.{ending}")
    kept = {key: value for key, value in before.items() if key[0] in ("IFD0", "ExifIFD", "GPS", "InteropIFD")}
    layout = ("ImageWidth", "ImageHeight", "BitsPerSample", "Compression", "PhotometricInterpretation")
    kept = {key: value for key, value in kept.items() if key[1] not in (*layout, "SamplesPerPixel")}
    assert {key: after.get(key) for key in kept} == kept
    if ending == "jpg":  # where readers of a JPEG look for it
        assert after["IPTC", "Keywords"] == before["IPTC", "Keywords"] == "alpha"
        assert after["IPTC", "Caption-Abstract"] == "A caption"


@pytest.mark.parametrize("order", "<>")
def test_a_tiff_that_is_written_twice_lacks_nothing(tmp_path, order):
    (tmp_path / "in.tif").write_bytes(everything(order))
    image = read_image(tmp_path / "in.tif")
    assert write_image(image, tmp_path / "one.tif") == ()
    again = read_image(tmp_path / "one.tif")
    assert write_image(again, tmp_path / "two.tif") == ()
    assert set(again.parts) == set(image.parts) == set(read_image(tmp_path / "two.tif").parts)
    np.testing.assert_array_equal(again.pixels, image.pixels)


@pytest.mark.parametrize("order", "<>")
def test_a_makers_note_keeps_its_place_or_that_it_moved_is_told(tmp_path, order):
    data = everything(order)
    (tmp_path / "in.tif").write_bytes(data)
    image = read_image(tmp_path / "in.tif")
    assert image.notes == ()
    write_image(image, tmp_path / "out.tif")
    assert (tmp_path / "out.tif").read_bytes().index(NOTE) == data.index(NOTE)
    far = tiff_of(order, [], [bytes_of(65001, 7, bytes(70_000)), bytes_of(37500, 7, NOTE)][::-1])
    later = tiff_of(order, [], [bytes_of(33000, 7, bytes(70_000)), bytes_of(37500, 7, NOTE)])
    for content, moved in ((far, False), (later, True)):
        (tmp_path / "in.tif").write_bytes(content)
        assert bool(read_image(tmp_path / "in.tif").notes) == moved


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("orientation", range(1, 9))
def test_resolution_turns_with_the_image_in_its_own_unit(tmp_path, order, orientation):
    tags = [numbers(order, 274, "H", orientation), numbers(order, 296, "H", 1)]
    tags += [numbers(order, 282, "R", 10, 1), numbers(order, 283, "R", 25, 2)]
    (tmp_path / "in.tif").write_bytes(tiff_of(order, tags))
    image = read_image(tmp_path / "in.tif")
    wanted = (12.5, 10.0) if orientation > 4 else (10.0, 12.5)
    assert image.metadata["aspect"] == wanted
    assert write_image(image, tmp_path / "out.tif") == ()
    again = read_image(tmp_path / "out.tif")
    assert again.metadata["aspect"] == wanted
    assert again.pixels.shape == image.pixels.shape


def test_what_says_nothing_of_a_print_size_is_none(tmp_path):
    tags = [numbers("<", 282, "R", 1, 1), numbers("<", 283, "R", 1, 1), numbers("<", 296, "H", 1)]
    (tmp_path / "in.tif").write_bytes(tiff_of("<", tags))
    image = read_image(tmp_path / "in.tif")
    assert not {"dpi", "aspect", "exif"} & image.metadata.keys()
    assert write_image(image, tmp_path / "out.jpg") == ()


def test_colours_that_a_format_has_no_place_for_are_told_even_where_all_else_is_to_go(tmp_path):
    (tmp_path / "in.tif").write_bytes(everything("<"))
    image = read_image(tmp_path / "in.tif")
    told = "not carried over: Exif (TransferFunction, WhitePoint, PrimaryChromaticities)"
    assert write_image(image, tmp_path / "out.tif", strip=True) == (told,)


def test_a_damaged_tag_costs_itself_alone_and_is_told(tmp_path):
    data = bytearray(tiff_of("<", [text(315, "Jürgen Müller"), text(305, "Some program")]))
    entry = data.index(struct.pack("<HH", 305, 2))
    data[entry + 8 : entry + 12] = b"\xff\xff\xff\x7f"
    (tmp_path / "in.tif").write_bytes(data)
    image = read_image(tmp_path / "in.tif")
    assert write_image(image, tmp_path / "out.tif") == ("not carried over: damaged tag (Software)",)
    assert "Jürgen Müller".encode() in (tmp_path / "out.tif").read_bytes()


def test_a_stack_of_which_only_the_first_image_has_a_directory_is_refused(tmp_path):
    (tmp_path / "in.tif").write_bytes(tiff_of("<", [text(270, "ImageJ=1.53\nimages=3\nslices=3\n")]))
    with pytest.raises(ImageError, match="several frames"):
        read_image(tmp_path / "in.tif")
