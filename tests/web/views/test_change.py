"""What is said of a result follows from its pixels, here of photographs whose blur is known."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data

from sharpcli.image.image import Image
from sharpcli.image.resample import resize
from sharpcli.pipeline.run import blend, enhanced
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.web.views.change import SHARP, SOFT, Change, in_words, measured

PHOTOS = {"coffee": data.coffee(), "cat": data.chelsea(), "astronaut": data.astronaut()[:384, :384]}


def blurred(photo, sigma):
    return gaussian_filter(photo.astype(np.float32), (sigma, sigma, 0)).round().astype(np.uint8)


def halved_and_doubled(photo):
    height, width, _ = photo.shape
    return resize(resize(photo, (height // 2, width // 2), "RGB"), (height, width), "RGB")


def said(pixels, name="student", strength=1.0, **options):
    """What is said of an image once it was enhanced."""
    enhancer = create_enhancer(name, options)
    before = Image(np.ascontiguousarray(pixels), "RGB")
    return in_words(measured(before, blend(before, enhanced(before, enhancer), strength)), enhancer, strength)


@pytest.mark.parametrize("photo", PHOTOS)
def test_a_sharp_photo_hardly_changes_and_is_called_sharp(photo):
    assert said(PHOTOS[photo]).startswith("**Hardly changed**: this photo is already sharp.")


@pytest.mark.parametrize("photo", PHOTOS)
def test_an_enlarged_photo_changes_visibly(photo):
    words = said(halved_and_doubled(PHOTOS[photo]))
    assert words.startswith(("**Changed clearly**.", "**Changed strongly**."))
    assert "of 255 levels on average" in words


@pytest.mark.parametrize("photo", PHOTOS)
def test_a_small_blur_is_undone_strongly(photo):
    assert said(blurred(PHOTOS[photo], 2)).startswith("**Changed strongly**.")


@pytest.mark.parametrize("photo", PHOTOS)
def test_a_large_blur_leaves_a_photo_soft(photo):
    words = said(blurred(PHOTOS[photo], 8))
    assert words.startswith("**Still soft**: this photo is blurrier than this enhancer can restore;")


@pytest.mark.parametrize(
    ("name", "options", "strength", "advice"),
    [
        ("student", {}, 1, "try the enhancer teacher and a higher strength."),
        ("student", {"profile": "photo"}, 1, "try profile deblur."),
        ("bicubic", {}, 2, "try the enhancer teacher."),
        ("teacher", {}, 1, "try a higher strength."),
        ("teacher", {}, 2, "no installed enhancer restores more."),
    ],
)
def test_what_is_advised_is_installed_and_was_not_tried(name, options, strength, advice):
    soft = Change(mean=1, most=5, steepness=0.1, place=(0, 0))
    assert advice in in_words(soft, create_enhancer(name, options), strength)


def test_the_steepness_of_an_edge_tells_its_blur():
    edge = np.zeros((256, 256, 3), np.uint8)
    edge[:, 80:] = edge[100:, :] = 200
    change = measured(Image(edge, "RGB"), Image(edge, "RGB"))
    assert change.mean == change.most == 0
    assert change.steepness == 1 > SHARP
    for sigma in (2, 3, 4):
        soft = Image(blurred(edge, sigma), "RGB")
        assert measured(soft, soft).steepness == pytest.approx(0.4 / sigma, rel=0.35)
    assert measured(soft, soft).steepness < SOFT


def test_a_blank_image_has_no_detail_and_the_place_is_its_middle():
    blank = Image(np.full((20, 300, 1), 90, np.uint8), "L")
    change = measured(blank, blank)
    assert change.steepness is None
    assert change.place == (150, 10)
    assert "hardly any detail" in in_words(change, create_enhancer("student", {}), 1)
