"""Exif that is put right without moving: makers' notes with places of their own stay whole."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags
from PIL import Image as PILImage

from sharpcli.image.read import read_image
from sharpcli.image.tags import exif as exif_bytes
from sharpcli.image.write import write_image

NOTE = b"Maker's own \0 words"
SMALL = b"\xff\xd8a small image\xff\xd9"


def camera_exif(order, orientation, size_type=3):
    """Exif as cameras write it: a note at a fixed place, print size, image size, a thumbnail behind it."""

    def long(number):
        return struct.pack(order + "I", number)

    def side(number):
        return struct.pack(order + "HH", number, 0) if size_type == 3 else long(number)

    def directory(entries, follows):
        return (
            struct.pack(order + "H", len(entries))
            + b"".join(struct.pack(order + "HHI", tag, kind, count) + value for tag, kind, count, value in entries)
            + long(follows)
        )

    first = [
        (274, 3, 1, struct.pack(order + "HH", orientation, 0)),
        (282, 5, 1, long(200)),
        (283, 5, 1, long(208)),
        (34665, 4, 1, long(80)),
    ]
    inner = [(37500, 7, len(NOTE), long(220)), (40962, size_type, 1, side(3)), (40963, size_type, 1, side(2))]
    second = [(513, 4, 1, long(260)), (514, 4, 1, long(len(SMALL)))]
    body = {"<": b"II*\0", ">": b"MM\0*"}[order] + long(8) + directory(first, 140)
    body = body.ljust(80, b"\0") + directory(inner, 0)
    body = body.ljust(140, b"\0") + directory(second, 0)
    body = body.ljust(200, b"\0") + struct.pack(order + "IIII", 300, 1, 150, 1)
    return b"Exif\0\0" + (body.ljust(220, b"\0") + NOTE).ljust(260, b"\0") + SMALL


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "avif"])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("size_type", [3, 4])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_note_keeps_its_place_and_the_thumbnail_goes(tmp_path, ending, order, size_type, orientation):
    exif = camera_exif(order, orientation, size_type)
    source = tmp_path / f"in.{'jpg' if ending == 'avif' else ending}"  # Pillow writes no such Exif into an AVIF
    PILImage.new("RGB", (3, 2)).save(source, exif=exif)
    image = read_image(source)
    write_image(image, tmp_path / f"out.{ending}")
    with PILImage.open(tmp_path / f"out.{ending}") as out:
        found, raw = out.getexif(), b"Exif\0\0" + out.info["exif"].removeprefix(b"Exif\0\0")
        sides = out.size
    assert raw[6 + 220 :].startswith(NOTE)
    assert len(raw) == len(exif)
    assert SMALL not in raw
    assert not found.get_ifd(ExifTags.IFD.IFD1)
    assert found.get(274, 1) == 1
    assert (found[282], found[283]) == ((150, 300) if orientation == 6 else (300, 150))
    inner = found.get_ifd(ExifTags.IFD.Exif)
    assert (inner[40962], inner[40963]) == sides


@pytest.mark.parametrize("order", "<>")
def test_a_tag_goes_and_nothing_else_moves(order):
    exif = camera_exif(order, 1)
    raw = exif_bytes.upright(exif, {282})
    tags = PILImage.Exif()
    tags.load(raw)
    assert set(tags) == {274, 283, 34665}
    assert tags[283] == 150
    assert tags.get_ifd(ExifTags.IFD.Exif)[37500] == NOTE


def test_a_size_that_no_short_number_holds():
    raw = exif_bytes.with_numbers(camera_exif("<", 1), {40962: 70000, 40963: 60000})
    tags = PILImage.Exif()
    tags.load(raw)
    inner = tags.get_ifd(ExifTags.IFD.Exif)
    assert (inner[40962], inner[40963]) == (70000, 60000)


@given(st.sampled_from("<>"), st.data())
def test_damaged_exif_is_reported_as_such(order, data):
    exif = bytearray(camera_exif(order, 6))
    for place in data.draw(st.lists(st.integers(0, len(exif) - 1), max_size=4)):
        exif[place] = data.draw(st.integers(0, 255))
    cut = bytes(exif[: data.draw(st.integers(0, len(exif)))])
    for change in (lambda: exif_bytes.upright(cut, {282}), lambda: exif_bytes.with_numbers(cut, {40962: 9})):
        try:
            raw = change()
        except ValueError:
            continue
        assert len(raw.removeprefix(b"Exif\0\0")) == len(cut.removeprefix(b"Exif\0\0"))
        assert io.BytesIO(raw).read(6) == b"Exif\0\0"


def test_exif_of_an_orientation_alone_goes_with_it(tmp_path):
    exif = PILImage.Exif()
    exif[274] = 6
    PILImage.new("RGB", (3, 2)).save(tmp_path / "in.jpg", exif=exif)
    assert "exif" not in read_image(tmp_path / "in.jpg").metadata
