"""All that a JPEG holds comes back byte for byte, or is told and not spoken of."""

import hashlib
import json
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.image.image import Image
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
from tests.image.jpeg.make import (
    EXTENSION_MARK,
    VIDEO,
    XMP_MARK,
    gain_map,
    jpeg,
    motion_xmp,
    picture,
    uhdr,
    with_segments,
    xmp,
)

EXTENDED = xmp(b'xmlns:dc="http://purl.org/dc/elements/1.1/"', b"<dc:source>" + b"extended " * 9000 + b"</dc:source>")
EXIF = b"Exif\0\0MM\0*\0\0\0\x08"
SEFT = b"\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data" + VIDEO + b"SEFH\x65\0\0\0\1\0\0\0" + bytes(12) + b"\x18\0\0\0SEFT"


def through(tmp_path, data, ending="jpg", **options):
    """The bytes of the file that is written for such a file, and the notes."""
    (tmp_path / "in.jpg").write_bytes(data)
    notes = write_image(read_image(tmp_path / "in.jpg"), tmp_path / f"out.{ending}", **options)
    return (tmp_path / f"out.{ending}").read_bytes(), notes


def tags(path):
    """What exiftool reads."""
    if not shutil.which("exiftool"):
        pytest.skip("needs exiftool")
    read = subprocess.run(["exiftool", "-a", "-G1", "-s", "-j", path], capture_output=True, text=True, check=True)
    return json.loads(read.stdout)[0]


def extended_xmp(guid=None):
    """A JPEG whose XMP goes on in further segments."""
    guid = guid or hashlib.md5(EXTENDED).hexdigest().upper().encode()
    named = b'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="' + guid + b'"'
    parts = [
        (
            0xE1,
            EXTENSION_MARK
            + guid
            + len(EXTENDED).to_bytes(4, "big")
            + at.to_bytes(4, "big")
            + EXTENDED[at : at + 65000],
        )
        for at in range(0, len(EXTENDED), 65000)
    ]
    return with_segments(jpeg(), *parts[::-1], (0xE1, XMP_MARK + xmp(named)))


SEGMENTS = {
    "comments": [(0xFE, b"first"), (0xFE, b"Zo\xc3\xab\xff"), (0xFE, b"")],
    "FLIR": [(0xE1, b"FLIR\0\1\0\1" + bytes(300)), (0xE1, b"FLIR\0\1\1\1" + bytes(range(256)))],
    "DJI": [(0xE3, bytes(range(200))), (0xE3, b"more"), (0xE4, b"\xaa\x55\x12\x06" + bytes(50)), (0xE7, b"DJI-DBG\0x")],
    "unknown": [
        (0xE9, b"nobody knows"),
        (0xED, b"Adobe_CM\0\0\2"),
        (0xEE, b"other than Adobe's"),
        (0xEF, bytes(65533)),
    ],
}


@pytest.mark.parametrize("name", SEGMENTS)
def test_segments_come_back_in_their_order(tmp_path, name):
    after, notes = through(tmp_path, with_segments(jpeg(), *SEGMENTS[name]))
    found = [after.index(with_segments(b"....", one)[2:-2]) for one in SEGMENTS[name]]
    assert found == sorted(found)
    assert notes == ()


def test_segments_between_the_tables_and_the_pixels_come_back_too(tmp_path):
    profile = bytes(36) + b"acsp" + bytes(90)
    data = jpeg(progressive=True)
    scans = [place for place in range(len(data)) if data[place : place + 2] == b"\xff\xda"]
    inner = b"\xff\xfe\0\x07later"
    part = b"\xff\xe2" + (2 + 14 + len(profile)).to_bytes(2, "big") + b"ICC_PROFILE\0\1\1" + profile
    (tmp_path / "in.jpg").write_bytes(data[: scans[0]] + part + data[scans[0] : scans[1]] + inner + data[scans[1] :])
    image = read_image(tmp_path / "in.jpg")
    assert write_image(image, tmp_path / "out.jpg") == ()
    again = read_image(tmp_path / "out.jpg").metadata
    assert (again["icc_profile"], again["comments"]) == (profile, (b"later",))


def test_a_profile_of_which_a_part_is_missing_is_told(tmp_path):
    _, notes = through(tmp_path, with_segments(jpeg(), (0xE2, b"ICC_PROFILE\0\1\2half")), strip=True)
    assert notes == ("not carried over: ICC profile",)


def test_exif_spread_over_two_segments_stays(tmp_path):
    long = b"x" * 100_000
    body = EXIF + b"\0\1\x01\x0e\0\2" + len(long).to_bytes(4, "big") + b"\0\0\0\x1a" + bytes(4) + long
    first, second = body[:65533], b"Exif\0\0" + body[65533:]
    _, notes = through(tmp_path, with_segments(jpeg(), (0xE1, first), (0xE1, second)))
    assert notes == ()
    assert tags(tmp_path / "out.jpg")["IFD0:ImageDescription"] == long.decode()


@pytest.mark.parametrize("guid", [None, b"0123456789ABCDEF0123456789ABCDEF"], ids=["by its MD5", "by any name"])
def test_extended_xmp_stays_under_a_valid_name(tmp_path, guid):
    _, notes = through(tmp_path, extended_xmp(guid))
    found = tags(tmp_path / "out.jpg")
    assert notes == ()
    assert found["XMP-dc:Source"].startswith("extended extended")
    assert found["XMP-xmpNote:HasExtendedXMP"] == hashlib.md5(EXTENDED).hexdigest().upper()


@pytest.mark.parametrize("ending", ["png", "tif", "webp"])
def test_extended_xmp_is_part_of_the_xmp_elsewhere(tmp_path, ending):
    through(tmp_path, extended_xmp(), ending)
    found = tags(tmp_path / f"out.{ending}")
    assert found["XMP-dc:Source"].startswith("extended extended")
    assert "XMP-xmpNote:HasExtendedXMP" not in found


def test_an_extension_that_is_not_all_there_is_told_and_not_spoken_of(tmp_path):
    data = extended_xmp()
    last = data.rindex(EXTENSION_MARK)
    after, notes = through(tmp_path, data[:last] + b"x" * len(EXTENSION_MARK) + data[last + len(EXTENSION_MARK) :])
    assert "extended XMP" in notes[0]
    assert b"HasExtendedXMP" not in after


def test_long_xmp_of_another_format_is_extended(tmp_path):
    write_image(Image(np.array(picture()), "RGB", {"xmp": EXTENDED}), tmp_path / "out.jpg")
    assert tags(tmp_path / "out.jpg")["XMP-dc:Source"].startswith("extended extended")


def test_a_long_comment_is_cut_in_several(tmp_path):
    write_image(Image(np.array(picture()), "RGB", {"comments": (b"x" * 70_000,)}), tmp_path / "out.jpg")
    assert b"".join(read_image(tmp_path / "out.jpg").metadata["comments"]) == b"x" * 70_000


@pytest.mark.parametrize("behind", [VIDEO, SEFT, b"\0\0\0\0" + VIDEO], ids=["Google's", "Samsung's", "filled up"])
def test_a_motion_photo_keeps_its_video(tmp_path, behind):
    data = with_segments(jpeg(), (0xE1, XMP_MARK + motion_xmp()), behind=behind)
    after, notes = through(tmp_path, data)
    assert after.endswith(behind)
    assert motion_xmp() in after
    assert notes == ()
    after, notes = through(tmp_path, data, "png")
    assert "motion photo video" in notes[0]
    assert b"Motion" not in after
    assert b"MicroVideo" not in after


def test_a_gain_map_stays_where_the_size_is_the_same(tmp_path):
    after, notes = through(tmp_path, uhdr(behind=VIDEO))
    assert notes == ()
    assert after.endswith(gain_map() + VIDEO)
    found = tags(tmp_path / "out.jpg")
    assert found["XMP-hdrgm:Version"] == 1
    assert found["MPImage2:MPImageStart"] == len(after) - len(gain_map() + VIDEO) == found["MPImage1:MPImageLength"]
    assert found["MPImage2:MPImageLength"] == len(gain_map())


@pytest.mark.parametrize("change", ["enlarged", "turned", "to WebP"])
def test_a_gain_map_that_cannot_stay_is_told_and_not_spoken_of(tmp_path, change):
    exif = PILImage.Exif()
    exif[274] = 6 if change == "turned" else 1
    version = (0xE2, b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0")
    (tmp_path / "in.jpg").write_bytes(uhdr(exif=exif, extra=with_segments(b"", version)))
    image = read_image(tmp_path / "in.jpg")
    if change == "enlarged":
        image = Image(image.pixels.repeat(2, 0).repeat(2, 1), "RGB", image.metadata, image.notes, image.parts)
    path = tmp_path / ("out.webp" if change == "to WebP" else "out.jpg")
    assert write_image(image, path)[0].count("HDR gain map") == 1
    assert not [word for word in (b"hdrgm", b"hdr-gain-map", b"GainMap", b"MPF\0") if word in path.read_bytes()]


def test_what_else_lies_behind_an_image_stays(tmp_path):
    behind = b"\0\0" + jpeg(picture(8, 8)) + b"and words"
    after, notes = through(tmp_path, jpeg() + behind)
    assert after.endswith(behind)
    assert notes == ()
    assert through(tmp_path, jpeg() + bytes(500))[1] == ()


def test_what_signs_the_image_as_it_was_is_told(tmp_path):
    said = xmp(b'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="self#jumbf=/c2pa/urn:uuid:1"')
    after, notes = through(tmp_path, with_segments(jpeg(), (0xEB, b"JP\0\1\0\0\0\1jumbc2pa"), (0xE1, XMP_MARK + said)))
    assert notes == ("not carried over: C2PA/JUMBF",)
    assert b"jumb" not in after


def test_nothing_but_colour_is_told_of_what_was_to_be_left_out(tmp_path):
    data = with_segments(uhdr(behind=VIDEO), *SEGMENTS["FLIR"], *SEGMENTS["comments"])
    after, notes = through(tmp_path, data, strip=True)
    assert notes == ()
    assert not [word for word in (b"FLIR", b"first", b"hdrgm", b"ftyp", b"MPF\0") if word in after]


def test_what_only_a_jpeg_holds_is_told_elsewhere(tmp_path):
    _, notes = through(tmp_path, with_segments(jpeg(), (0xE9, b"nobody knows"), SEGMENTS["FLIR"][0]), "tif")
    assert notes == ("not carried over: APPn segment (APP9 nobody knows), FLIR thermal data",)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_density_without_a_unit_stays(tmp_path, orientation):
    exif = PILImage.Exif()
    exif[274] = orientation
    data = jpeg(exif=exif).replace(b"JFIF\0\1\1\0\0\1\0\1", b"JFIF\0\1\1\0\0\4\0\3")
    after, notes = through(tmp_path, data)
    assert after[13:18] == (b"\0\0\4\0\3" if orientation == 1 else b"\0\0\3\0\4")
    assert notes == ()


def test_inks_keep_their_print_size(tmp_path):
    write_image(Image(np.array(picture(mode="CMYK")), "CMYK", {"dpi": (300, 150)}), tmp_path / "out.jpg")
    image = read_image(tmp_path / "out.jpg")
    assert image.metadata["dpi"] == (300, 150)
    assert np.abs(image.pixels.astype(int) - np.array(picture(mode="CMYK"))).mean() < 8
