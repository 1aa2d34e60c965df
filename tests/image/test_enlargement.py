"""An enlarged map and a microscope's image stay as large as they are; a photo's dots per inch stay."""

import numpy as np
import pytest
import tifffile

from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
from sharpcli.pipeline.run import enlarged
from tests.helpers.tiffs import numbers, text, tiff_of

CORNERS = (1, 1, 0, 1, 1025, 0, 1, 1)
CENTRES = (1, 1, 0, 1, 1025, 0, 1, 2)


def tags_of(path):

    with tifffile.TiffFile(path) as file:
        return {tag.code: tag.value for tag in file.pages.first.tags}


def enlarged_tags(tmp_path, tags, order, by=2.0):
    (tmp_path / "in.tif").write_bytes(tiff_of(order, tags))
    image = enlarged(read_image(tmp_path / "in.tif"), by)
    assert write_image(image, tmp_path / "out.tif") == ()
    return tags_of(tmp_path / "out.tif")


def on_the_map(tags, column, row):
    """Where a place of the raster lies, by GeoTIFF's own equations."""
    if 34264 in tags:
        matrix = np.reshape(tags[34264], (4, 4))
        return tuple((matrix @ [column, row, 0, 1])[:2])
    across, down, _ = tags[33550]
    at, line, _, x, y, _ = tags[33922][:6]
    return x + (column - at) * across, y - (row - line) * down


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("by", [2.0, 3.0])
@pytest.mark.parametrize("keys", [CORNERS, CENTRES])
@pytest.mark.parametrize("turned", [False, True])
def test_every_place_of_a_map_stays_where_it_is(tmp_path, order, by, keys, turned):
    geo = [numbers(order, 33550, "d", 0.5, 0.25, 0.0), numbers(order, 33922, "d", 2.0, 1.0, 0.0, 500000.0, 46e5, 0.0)]
    matrix = (0.5, 0.1, 0.0, 500000.0, 0.1, -0.25, 0.0, 46e5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    tags = [numbers(order, 34264, "d", *matrix)] if turned else geo
    after = enlarged_tags(tmp_path, [*tags, numbers(order, 34735, "H", *keys)], order, by)
    before = tags_of(tmp_path / "in.tif")
    for column, row in ((0, 0), (6, 0), (3, 5)):  # corners of pixels, counted from the image's own corner
        shift = 0.5 if keys == CENTRES else 0.0
        old = on_the_map(before, column - shift, row - shift)
        new = on_the_map(after, column * by - shift, row * by - shift)
        np.testing.assert_allclose(new, old, atol=1e-6)
    assert tuple(after[34735]) == keys


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        ([(270, "ImageJ=1.53\nunit=um\n")], 20.0),
        ([(296, 1)], 20.0),
        ([(296, 2)], 10.0),
        ([(296, 3), (270, "a scan")], 10.0),
    ],
)
def test_pixels_a_unit_grow_where_they_measure_something(tmp_path, order, tags, wanted):
    made = [text(tag, value) if tag == 270 else numbers(order, tag, "H", value) for tag, value in tags]
    made += [numbers(order, 282, "R", 10, 1), numbers(order, 283, "R", 1000000, 100000)]
    after = enlarged_tags(tmp_path, made, order)
    for tag in (282, 283):
        over, under = after[tag]
        assert over / under == wanted


def test_a_fraction_that_grows_too_long_is_told_as_near_as_it_can_be(tmp_path):
    near = (4294967291, 4294967279)
    tags = [numbers("<", 282, "R", *near), numbers("<", 283, "R", *near), numbers("<", 296, "H", 1)]
    over, under = enlarged_tags(tmp_path, tags, "<", 3.0)[282]
    assert abs(over / under / (3 * near[0] / near[1]) - 1) < 1e-8
