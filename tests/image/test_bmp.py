"""BMP files: the profile stays, runs are decoded whole or told, and other kinds are refused in words."""

import struct

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
from tests.fuzz.seeds import icc

COLORS = np.random.default_rng(4).integers(0, 256, (5, 7, 3), dtype=np.uint8)
PALETTE = bytes(range(64))
ENDED = b"\0\1"


def bmp(width, height, bits, body, *, size=40, compression=0, palette=b"", more=b"", colors=0):
    offset = 14 + size + len(palette)
    head = struct.pack("<2sIII", b"BM", offset + len(body), 0, offset)
    head += struct.pack("<IiiHHIIiiII", size, width, height, 1, bits, compression, len(body), 2835, 2835, colors, 0)
    return head + more.ljust(size - 40, b"\0") + palette + body


def plain():
    return b"".join(row[:, ::-1].tobytes() + bytes(3) for row in COLORS[::-1])


def with_profile(profile, space=b"DEBM"):
    start = 124 + len(plain())
    more = bytes(16) + space + bytes(48) + struct.pack("<IIII", 4, start, len(profile), 0)
    return bmp(7, 5, 24, plain(), size=124, more=more) + profile


def again(tmp_path, data, ending="bmp"):
    (tmp_path / "in.bmp").write_bytes(data)
    image = read_image(tmp_path / "in.bmp")
    out = tmp_path / f"out.{ending}"
    return image, (*image.notes, *write_image(image, out)), out


@pytest.mark.parametrize("ending", ["bmp", "png", "webp", "avif"])
def test_a_profile_stays(tmp_path, ending):
    image, notes, out = again(tmp_path, with_profile(icc()), ending)
    np.testing.assert_array_equal(image.pixels, COLORS)
    assert notes == ()
    assert read_image(out).metadata["icc_profile"] == icc()
    if ending == "bmp":
        np.testing.assert_array_equal(np.asarray(PILImage.open(out)), COLORS)


def test_a_link_to_a_profile_and_calibrated_colors_are_told(tmp_path):
    _, notes, _ = again(tmp_path, with_profile(b"C:\\screen.icm\0", b"KNIL"))
    assert notes == ("not carried over: link to a colour profile",)
    more = bytes(16) + bytes(4) + bytes(range(48))
    _, notes, _ = again(tmp_path, bmp(7, 5, 24, plain(), size=108, more=more))
    assert notes == ("not carried over: colour calibration",)


def test_data_behind_the_image_is_told(tmp_path):
    assert again(tmp_path, bmp(7, 5, 24, plain()) + b"behind")[1] == ("not carried over: data behind the image",)
    assert again(tmp_path, bmp(7, 5, 24, plain()) + bytes(40))[1] == ()


@pytest.mark.parametrize("size", [90, 150, -1])
def test_a_cut_file_is_refused(tmp_path, size):
    with pytest.raises(ImageError, match="truncated"):
        again(tmp_path, with_profile(icc())[:size])


@pytest.mark.parametrize(
    ("bits", "compression"), [(32, 3), (16, 3), (24, 4), (24, 5), (2, 0)], ids=["32", "16", "JPEG", "PNG", "2 bits"]
)
def test_a_kind_that_is_not_read_is_refused_in_words(tmp_path, bits, compression):
    masks = struct.pack("<III", 0xFFC00000, 0x3FF000, 0xFFC)
    with pytest.raises(ImageError, match="a kind that is not read"):
        again(tmp_path, bmp(4, 4, bits, bytes(64), compression=compression, palette=masks))


def runs(body, *, four=False, width=6, height=2, palette=PALETTE):
    packed = {"compression": 2 if four else 1, "palette": palette, "colors": len(palette) // 4}
    return bmp(width, height, 4 if four else 8, body, **packed)


EIGHT = b"\6\3\0\0" + b"\0\5\1\2\3\4\5\0" + b"\1\6" + ENDED
FOUR = b"\6\x34\0\0" + b"\0\5\x12\x34\x50\0" + b"\1\x60" + ENDED


@pytest.mark.parametrize(
    ("four", "body", "below"), [(False, EIGHT, [3] * 6), (True, FOUR, [3, 4] * 3)], ids=["RLE8", "RLE4"]
)
def test_runs_and_single_pixels_are_decoded(tmp_path, four, body, below):
    image, notes, _ = again(tmp_path, runs(body, four=four))
    expected = np.array([[1, 2, 3, 4, 5, 6], below])
    np.testing.assert_array_equal(image.pixels[..., 0], 4 * expected + 2)  # blue, green, red and nothing
    assert notes == ()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\7\3\0\0\6\4" + ENDED, "longer than its row"),
        (b"\6\3\0\0\3\4" + ENDED, "leaves out pixels"),
        (b"\6\3\0\0\0\2\3\0\3\4" + ENDED, "leaves out pixels"),
        (b"\6\3\0\0\4\4\0\0", "leaves out pixels"),
        (b"\6\3\0\0\6\x10" + ENDED, "palette lacks"),
    ],
)
def test_harmless_damage_of_runs_is_a_note(tmp_path, body, words):
    image, notes, _ = again(tmp_path, runs(body))
    assert image.pixels.shape == (2, 6, 3)
    assert len(notes) == 1
    assert words in notes[0]


@pytest.mark.parametrize("body", [b"\6\3" + ENDED, b"\6\3\0\0\3\4", b"\6\3\0\0\0\6\1\2", b"\6\3\0\2\1", b""])
@pytest.mark.parametrize("four", [False, True])
def test_runs_that_end_too_early_are_refused_behind_a_good_file(tmp_path, body, four):
    again(tmp_path, runs(FOUR if four else EIGHT, four=four))
    with pytest.raises(ImageError, match="damaged or truncated"):
        again(tmp_path, runs(body, four=four))


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("width", [1, 2, 3, 4, 9])
def test_what_is_written_is_what_pillow_writes(tmp_path, mode, width):
    pil_image = PILImage.fromarray(np.resize(COLORS, (5, width, 3))).convert(mode)
    pil_image.save(tmp_path / "in.bmp", dpi=(300, 150))
    _, _, out = again(tmp_path, (tmp_path / "in.bmp").read_bytes())
    assert out.read_bytes() == (tmp_path / "in.bmp").read_bytes()


@pytest.mark.parametrize("end", [b"", b"\0", b"\0\0", ENDED], ids=["none", "half", "row", "image"])
def test_the_mark_of_the_end_may_be_missing_where_all_pixels_are_there(tmp_path, end):
    image, notes, _ = again(tmp_path, runs(b"\6\3\0\0\6\4" + end))
    assert image.pixels[..., 0].tolist() == [[18] * 6, [14] * 6]
    assert notes == ()
