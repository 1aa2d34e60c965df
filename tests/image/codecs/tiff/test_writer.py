"""Exif of any origin lies in a TIFF as it lay where it comes from, in files of both kinds of places."""

import io

import numpy as np
import pytest
import tifffile
from PIL import ExifTags
from PIL import Image as PILImage

from sharpcli.image.codecs.tiff.writer import write_tiff
from sharpcli.image.inventory.tiff import tiff_parts
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
from tests.helpers.tiffs import bytes_of, numbers, text, tiff_of
from tests.image.tags.test_exif import NOTE, SMALL, camera_exif

PIXELS = np.arange(7 * 5 * 3, dtype=np.uint8).reshape(5, 7, 3)


def small_tiff(order):
    exif = [bytes_of(37500, 7, NOTE), bytes_of(37121, 7, b"\1\2\3\0"), text(42036, "A lens of fifty")]
    gps = [numbers(order, 2, "R", 47, 1, 30, 1, 155, 10)]
    interop = [text(1, "R98")]
    return tiff_of(order, [text(315, "Jürgen Müller")], exif, gps, interop)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("orientation", [1, 6])
def test_exif_of_a_jpeg_keeps_its_order_its_places_and_loses_its_thumbnail(tmp_path, order, orientation):
    exif = camera_exif(order, orientation)
    PILImage.fromarray(PIXELS).save(tmp_path / "in.jpg", exif=exif)
    image = read_image(tmp_path / "in.jpg")
    write_image(image, tmp_path / "out.tif")
    data = (tmp_path / "out.tif").read_bytes()
    assert data[:2] == {"<": b"II", ">": b"MM"}[order]
    assert data.index(NOTE) == exif.index(NOTE) - 6
    assert SMALL not in data
    with PILImage.open(tmp_path / "out.tif") as out:
        np.testing.assert_array_equal(np.array(out), image.pixels)
        inner = out.getexif().get_ifd(ExifTags.IFD.Exif)
        assert inner[37500] == NOTE
        assert (inner[40962], inner[40963]) == out.size
        assert out.getexif().get(274, 1) == 1


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
def test_every_tag_is_there_whatever_the_kind_of_places(tmp_path, order, big, compression):
    (tmp_path / "in.tif").write_bytes(small_tiff(order))
    image = read_image(tmp_path / "in.tif")
    metadata = {**image.metadata, "compression": compression}
    with (tmp_path / "out.tif").open("w+b") as file:
        write_tiff(file, image.pixels, image.mode, metadata, big=big)
        assert set(tiff_parts(file)) == set(image.parts)
    with tifffile.TiffFile(tmp_path / "out.tif") as out:
        assert (out.is_bigtiff, out.byteorder) == (big, order)
        np.testing.assert_array_equal(out.asarray(), image.pixels)
        assert out.pages.first.tags["ExifTag"].value["LensModel"] == "A lens of fifty"
    again = read_image(tmp_path / "out.tif")
    assert set(again.parts) == set(image.parts)
    np.testing.assert_array_equal(again.pixels, image.pixels)


def test_what_is_too_far_for_a_directory_is_an_error_in_words(tmp_path):
    (tmp_path / "in.tif").write_bytes(small_tiff("<"))
    image = read_image(tmp_path / "in.tif")

    class Far(io.BytesIO):
        def seek(self, place, whence=io.SEEK_SET):
            found = super().seek(place, whence)
            return found + (1 << 33) if whence == io.SEEK_END else found

    with pytest.raises(ValueError, match="4 GB"):
        write_tiff(Far(), image.pixels, image.mode, {**image.metadata, "compression": None}, big=False)


@pytest.mark.parametrize("ending", ["tif", "jpg", "png"])
def test_a_print_size_of_the_image_replaces_one_of_exif_that_says_another(tmp_path, ending):
    exif = PILImage.Exif()
    exif[282], exif[283], exif[296], exif[271] = 72.0, 72.0, 2, "Maker"
    PILImage.fromarray(PIXELS).save(tmp_path / "in.jpg", exif=exif, dpi=(300, 300))
    write_image(read_image(tmp_path / "in.jpg"), tmp_path / f"out.{ending}")
    np.testing.assert_allclose(read_image(tmp_path / f"out.{ending}").metadata["dpi"], (300, 300), rtol=0.001)
