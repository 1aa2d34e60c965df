"""A damaged TIFF of any compression is refused or noted, and never shows what was in memory before it."""

import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.codecs.tiff import libtiff
from sharpcli.image.read import read_image

SIDES = 240, 331
FAX = ("group3", "group4", "tiff_ccitt")


def by_pillow(mode, compression):
    def make(photo):
        file = io.BytesIO()
        PILImage.fromarray(photo).convert(mode).save(file, "TIFF", compression=compression, tiffinfo={278: SIDES[0]})
        return file.getvalue()

    return make


def by_tifffile(**options):
    def make(photo):
        file = io.BytesIO()
        tifffile.imwrite(file, photo, **{"photometric": "rgb", "metadata": None, **options})
        return file.getvalue()

    return make


KINDS = {
    **{name: by_pillow("1", name) for name in (*FAX, "packbits", "tiff_lzw", "tiff_adobe_deflate", "zstd", "lzma")},
    **{f"palette {name}": by_pillow("P", name) for name in ("tiff_lzw", "packbits", "zstd")},
    **{f"colour {name}": by_pillow("RGB", name) for name in ("jpeg", "tiff_lzw", "zstd", "lzma", "tiff_deflate")},
    "luma and chroma": by_pillow("YCbCr", "tiff_lzw"),
    "inks jpeg": by_pillow("CMYK", "jpeg"),
    "jpeg 4:2:0 tiles": by_tifffile(compression="jpeg", photometric="ycbcr", subsampling=(2, 2), tile=(64, 64)),
    "webp": by_tifffile(compression="webp", compressionargs={"lossless": True}),
    **{f"plain {name}": by_tifffile(compression=name, rowsperstrip=16) for name in (None, "lzw", "zlib", "packbits")},
    "differences": by_tifffile(compression="zlib", predictor=True),
}


def strips(data):
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        return list(zip(page.dataoffsets, page.databytecounts, strict=True))


def with_counts(data, change):
    """The file with other lengths of its strips, as `change` makes them of the old."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        tag = page.tags[325 if page.is_tiled else 279]
        code = file.byteorder + {3: "H", 4: "I", 16: "Q"}[tag.dtype]
        place = tag.valueoffset
    changed = bytearray(data)
    for number, (_, count) in enumerate(strips(data)):
        struct.pack_into(code, changed, place + number * struct.calcsize(code), change(number, count))
    return bytes(changed)


def assert_nothing_from_elsewhere(path, others):
    """What is done without a note is the same whatever was read before: no pixel comes from there."""
    results = []
    for other in others:
        read_image(other)
        try:
            image = read_image(path)
        except ImageError as error:
            assert "\n" not in str(error)
            return
        results.append(image.pixels)
    np.testing.assert_array_equal(*results)


@pytest.fixture
def picture(photo):
    return np.ascontiguousarray(photo[: SIDES[0], : SIDES[1]])


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_whole_is_read_without_a_word(tmp_path, picture, kind):
    (tmp_path / "in.tif").write_bytes(KINDS[kind](picture))
    image = read_image(tmp_path / "in.tif")
    assert image.notes == ()
    assert image.pixels.shape[:2] == SIDES


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_that_is_missing_is_refused(tmp_path, picture, kind):
    data = KINDS[kind](picture)
    path = tmp_path / "in.tif"
    path.write_bytes(with_counts(data, lambda *_: 0))
    if kind in FAX:  # whose length can be taken from the file's
        assert "estimating" in read_image(path).notes[0]
    else:
        with pytest.raises(ImageError, match="is damaged or truncated"):
            read_image(path)
    for change in (lambda _, count: count // 2, lambda _, count: max(1, count // 10)):
        path.write_bytes(with_counts(data, change))
        with pytest.raises(ImageError, match="is damaged or truncated"):
            read_image(path)


@pytest.mark.parametrize("kind", KINDS)
def test_changed_bytes_are_refused_or_noted_or_are_only_other_pixels(tmp_path, picture, kind):
    data, random = KINDS[kind](picture), np.random.default_rng(5)
    others = tmp_path / "one.tif", tmp_path / "two.tif"
    for other, shown in zip(others, (picture, 255 - picture), strict=True):
        other.write_bytes(KINDS["group4"](shown))
    for _ in range(12):
        damaged = bytearray(data)
        start, count = strips(data)[random.integers(len(strips(data)))]
        for place in random.integers(start, start + count, random.integers(1, 4)):
            damaged[place] ^= 1 << random.integers(8)
        (tmp_path / "in.tif").write_bytes(damaged)
        assert_nothing_from_elsewhere(tmp_path / "in.tif", others)


@pytest.mark.parametrize("end", [b"", b"\x00\x10\x01", b"\x00\x10\x01" * 3], ids=["cut", "EOFB", "RTC"])
@pytest.mark.parametrize("kind", FAX)
@pytest.mark.parametrize("shortened", [False, True])
def test_a_fax_that_ends_early_shows_no_other_image(tmp_path, picture, kind, end, shortened):
    (tmp_path / "other.tif").write_bytes(by_pillow("1", kind)(255 - picture))
    data = by_pillow("1", kind)(picture)
    ((start, count),) = strips(data)
    half = data[start : start + count // 2] + end
    damaged = data[:start] + half.ljust(count, b"\0") + data[start + count :]
    (tmp_path / "in.tif").write_bytes(with_counts(damaged, lambda *_: len(half)) if shortened else damaged)
    read_image(tmp_path / "other.tif")
    with pytest.raises(ImageError, match="damaged or truncated"):
        read_image(tmp_path / "in.tif")


def test_where_libtiff_is_out_of_reach_what_cannot_be_checked_is_told(tmp_path, picture, monkeypatch):
    monkeypatch.setattr(libtiff, "LIBRARY", None)
    path = tmp_path / "in.tif"
    for kind, noted in (("group4", True), ("colour jpeg", True), ("colour zstd", False)):
        path.write_bytes(KINDS[kind](picture))
        assert bool(read_image(path).notes) == noted
    path.write_bytes(with_counts(path.read_bytes(), lambda _, count: count // 2))
    with pytest.raises(ImageError):
        read_image(path)


def test_a_compression_that_nobody_reads_is_named(tmp_path):
    tifffile.imwrite(tmp_path / "in.tif", np.zeros((8, 8, 3), np.uint8), photometric="rgb", compression="jpegxl")
    with pytest.raises(ImageError, match="compression JPEGXL, which is not supported; save it with deflate or LZW"):
        read_image(tmp_path / "in.tif")


@pytest.mark.parametrize("tag", [256, 258, 259, 262, 277, 278, 284, 273, 279])
@pytest.mark.parametrize("change", ["type", "count", "number"])
def test_a_layout_that_is_not_told_properly_is_refused_or_noted(tmp_path, picture, tag, change):
    data = bytearray(by_tifffile()(picture))
    entry = data.index(struct.pack("<H", tag), 8)
    place, code, value = {"type": (2, "<H", 12), "count": (4, "<I", 0), "number": (0, "<H", 65000)}[change]
    struct.pack_into(code, data, entry + place, value)
    (tmp_path / "in.tif").write_bytes(data)
    try:
        image = read_image(tmp_path / "in.tif")
    except ImageError:
        return
    if change == "number" and tag in (258, 259, 278, 284):  # without which the standard has a default
        return
    assert image.notes
    np.testing.assert_array_equal(image.pixels, picture)
