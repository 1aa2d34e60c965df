"""Tags that cannot be so are told, since readers guess differently what they mean; sound files of all kinds are not."""

import struct

import numpy as np
import pytest
import tifffile
from PIL import Image as PILImage

from sharpcli.image.read import read_image
from tests.fuzz.seeds import seeds

SOUND = sorted(name for name in seeds() if name.endswith(".tif") and name not in ("float.tif", "pages.tif"))


def tagged(tmp_path, tag, change):
    """A TIFF of 40 rows in strips of 16, the entry of one tag changed: type, count and value as they lie."""
    path = tmp_path / "a.tif"
    pixels = np.arange(40 * 30 * 3, dtype=np.uint32).reshape(40, 30, 3).astype(np.uint8)
    extra = [(274, 3, 1, 1, True), (315, 2, 8, b"Someone\0", True)]
    tifffile.imwrite(path, pixels, photometric="rgb", rowsperstrip=16, resolution=(300, 300), extratags=extra)
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        place = file.pages.first.tags[tag].offset
    kind, count, value = struct.unpack_from("<HII", data, place + 2)
    struct.pack_into("<HII", data, place + 2, *change(kind, count, value))
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", SOUND)
def test_sound_files_have_no_note_of_it(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(seeds()[name])
    assert not [note for note in read_image(path).notes if "damaged" in note]


@pytest.mark.parametrize(
    ("tag", "change", "name"),
    [
        (274, lambda kind, count, value: (kind, count, 77), "Orientation"),
        (296, lambda kind, count, value: (kind, count, 9), "ResolutionUnit"),
        (282, lambda kind, count, value: (4, 1, 300), "XResolution"),
        (315, lambda kind, count, value: (7, count, value), "Artist"),
    ],
)
def test_a_tag_that_cannot_be_so_is_named(tmp_path, tag, change, name):
    path = tagged(tmp_path, tag, change)
    assert f"may be damaged (tags that cannot be so: {name})" in read_image(path).notes


def test_tags_out_of_order_are_told(tmp_path):
    path = tmp_path / "a.tif"
    PILImage.new("RGB", (8, 8), "red").save(path)
    data = bytearray(path.read_bytes())
    (first,) = struct.unpack_from("<I", data, 4)
    one, two = first + 2, first + 14
    data[one : one + 12], data[two : two + 12] = data[two : two + 12], data[one : one + 12]
    path.write_bytes(data)
    assert read_image(path).notes == ("may be damaged (its tags are out of order, or one is there twice)",)


@pytest.mark.parametrize(
    ("tag", "change", "name"),
    [
        (278, lambda kind, count, value: (kind, count, 4000), "StripOffsets"),
        (258, lambda kind, count, value: (kind, 2, value), "BitsPerSample"),
    ],
)
def test_strips_and_bits_that_do_not_fit_the_size_are_told_or_refused(tmp_path, tag, change, name):
    path = tagged(tmp_path, tag, change)
    try:
        notes = read_image(path).notes
    except Exception as error:
        assert "damaged" in str(error) or "not supported" in str(error)
    else:
        assert any(name in note for note in notes)
