from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageCms

from sharpcli.compare.compare import Enhanced, lined_up, scored
from sharpcli.compare.drawing import wide, wrapped
from sharpcli.compare.sheet import MARGIN, MAX_WIDTH, contact_sheet
from sharpcli.compare.sheet_file import is_sheet
from sharpcli.errors import SharpError
from sharpcli.image.crops import window
from sharpcli.image.image import Image
from sharpcli.image.write import write_image


def compared(photo, labels, reference=True):
    """A comparison of images that can be told from one another."""
    results = [
        Enhanced(label, Image(np.roll(photo, i + 1, axis=2) ^ i, "RGB"), 0.0123) for i, label in enumerate(labels)
    ]
    plain = lined_up(Image(photo, "RGB"), results, np.ascontiguousarray(photo[::-1]) if reference else None)
    return scored(plain, "rgb")


def found(sheet, pixels):
    """Upper left corners (x, y) of each place where these very pixels are."""
    height, width = pixels.shape[:2]
    starts = np.argwhere((sheet[: -height + 1, : -width + 1] == pixels[0, 0]).all(2))
    return [(x, y) for y, x in starts if (sheet[y : y + height, x : x + width] == pixels).all()]


@pytest.mark.parametrize("zoom", [1, 3])
def test_every_candidate_has_the_same_crop_of_every_place_pixel_by_pixel(photo, zoom):
    comparison = compared(photo, ["one", "two"])
    places = [(60, 50), (448, 298)]
    sheet = contact_sheet(comparison, places, "photo.png", 48, zoom).pixels
    rows = []
    for place in places:
        crops = [
            one.pixels[window(place, 48, (449, 299))].repeat(zoom, 0).repeat(zoom, 1) for one in comparison.candidates
        ]
        corners = [found(sheet, crop) for crop in crops]
        assert [len(corner) for corner in corners] == [1] * 4
        (rows_here,) = {corner[0][1] for corner in corners}
        assert [corner[0][0] for corner in corners] == sorted(corner[0][0] for corner in corners)
        rows.append(rows_here)
    assert rows[0] < rows[1]


def test_many_candidates_go_on_below_and_none_is_lost(photo):
    comparison = compared(photo, [f"enhancer {number}" for number in range(9)])
    sheet = contact_sheet(comparison, [(100, 100)], "photo.png", 150, 3).pixels
    assert sheet.shape[1] <= MAX_WIDTH + 2 * MARGIN
    crops = [one.pixels[window((100, 100), 150, (449, 299))] for one in comparison.candidates]
    corners = [found(sheet, crop.repeat(3, 0).repeat(3, 1)) for crop in crops]
    assert [len(corner) for corner in corners] == [1] * 11
    lines = {}
    for ((x, y),) in corners:
        lines.setdefault(y, []).append(x)
    assert [len(line) for line in lines.values()] == [4, 4, 3]


NAMES = ["a" * 300, "long words that go on " * 20, "ünïcode 東京 \u202e\n\x00", "x"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [8, 160])
def test_nothing_reaches_into_the_margin_however_long_names_are(photo, name, size):
    comparison = compared(photo, [name, "student"])
    sheet = contact_sheet(comparison, [(3, 3), (440, 290)], name, size, 1).pixels
    inside = np.zeros(sheet.shape[:2], bool)
    inside[MARGIN:-MARGIN, MARGIN:-MARGIN] = True
    assert (sheet[~inside] == 255).all()
    crop = comparison.results[0].pixels[window((3, 3), size, (449, 299))]
    assert len(found(sheet, crop)) == 1


@pytest.mark.parametrize("text", [*NAMES, "student-live profile=photo FP32", "a bc " + "d" * 60, ""])
@pytest.mark.parametrize("width", [30, 190, 320])
@pytest.mark.parametrize("most", [1, 2, 9])
def test_text_fits_its_width_or_ends_in_an_ellipsis(text, width, most):
    lines = wrapped(text, 15, width, most)
    assert 1 <= len(lines) <= most
    assert all(wide(line, 15) <= width for line in lines)
    whole = "".join("".join(lines).split())
    readable = "".join(wrapped(text, 15, 10**6, 1)[0].split())
    assert whole == readable or (lines[-1].endswith("…") and readable.startswith(whole[:-1]))


def test_the_same_comparison_makes_the_same_sheet_and_other_times_another(photo):
    comparison = compared(photo, ["one"])
    sheets = [contact_sheet(comparison, [(9, 9)], "photo.png").pixels for _ in range(2)]
    assert (sheets[0] == sheets[1]).all()
    later = replace(comparison, results=(replace(comparison.results[0], seconds=4.0),))
    assert (contact_sheet(later, [(9, 9)], "photo.png").pixels != sheets[0]).any()


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tiff", "avif"])
def test_a_sheet_can_be_told_from_a_photograph(photo, tmp_path, ending):
    path, other = tmp_path / f"sheet.{ending}", tmp_path / f"photo.{ending}"
    write_image(contact_sheet(compared(photo, ["one"]), [(9, 9)], "photo.png"), path)
    PILImage.fromarray(photo).save(other)
    assert (is_sheet(path), is_sheet(other), is_sheet(tmp_path / "missing.png")) == (True, False, False)


def test_the_sheet_is_shown_by_the_color_profile_of_its_image(photo, tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    comparison = replace(compared(photo, ["one"]), profile=profile)
    write_image(contact_sheet(comparison, [(9, 9)], "photo.png"), tmp_path / "sheet.png")
    assert PILImage.open(tmp_path / "sheet.png").info["icc_profile"] == profile


def test_a_sheet_that_hardly_anything_could_open_is_refused(photo):
    with pytest.raises(SharpError, match="limit is 40; use a smaller size or zoom"):
        contact_sheet(compared(photo, ["one"]), [(9, 9)], "photo.png", 299, 32)


@pytest.mark.parametrize("size", [(1, 1), (2000, 3), (3, 2000)])
def test_images_of_every_shape_have_a_sheet(size):
    image = Image(np.full((size[1], size[0], 3), 90, np.uint8), "RGB")
    comparison = lined_up(image, [Enhanced("same", image, 1)])
    places = [(0, 0), (size[0] - 1, size[1] - 1)]
    assert contact_sheet(comparison, places, "photo.png").pixels.shape[2] == 3
