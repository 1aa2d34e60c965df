import io

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.compression import through_jpeg, through_webp

BOTH = pytest.mark.parametrize("through", [through_jpeg, through_webp])


@BOTH
def test_it_is_what_a_file_would_have_left(photo, through):
    buffer = io.BytesIO()
    PILImage.fromarray(photo).save(buffer, {through_jpeg: "JPEG", through_webp: "WEBP"}[through], quality=40)
    np.testing.assert_array_equal(through(photo, 40), np.asarray(PILImage.open(buffer)))


@BOTH
def test_alpha_is_left_alone(photo, through):
    rgba = np.dstack([photo, np.arange(photo.shape[1], dtype=np.uint8)[None].repeat(photo.shape[0], 0)])
    after = through(rgba, 30, "RGBA")
    np.testing.assert_array_equal(after[..., 3], rgba[..., 3])
    assert (after[..., :3] != rgba[..., :3]).any()


@BOTH
def test_grey_stays_grey_and_a_better_quality_is_closer(photo, through):
    grey = photo[..., 1:2]
    poor, good = (np.abs(through(grey, quality, "L").astype(int) - grey).mean() for quality in (10, 90))
    assert 0 < good < 2 < poor < 20


def test_webp_of_grey_is_the_luma_of_what_a_file_would_have_left(photo):
    """WebP knows no grey, and its three channels come back up to a level apart."""
    buffer = io.BytesIO()
    PILImage.fromarray(photo[..., 1]).save(buffer, "WEBP", quality=30)
    left = np.asarray(PILImage.open(buffer).convert("L"))
    np.testing.assert_array_equal(through_webp(photo[..., 1:2], 30, "L")[..., 0], left)


REFUSED = {
    "16 bits": (through_jpeg, np.zeros((8, 8, 3), np.uint16), "RGB", "has 16 bits per channel, which JPEG"),
    "deep WebP": (through_webp, np.zeros((8, 8, 1), np.uint16), "L", "has 16 bits per channel, which WebP"),
    "ink": (
        through_webp,
        np.zeros((8, 8, 4), np.uint8),
        "CMYK",
        "is CMYK, which WebP does not support; convert it first, or do without",
    ),
    "wide": (
        through_webp,
        np.zeros((1, 16384, 1), np.uint8),
        "L",
        "is 16384 pixels on a side, and WebP supports at most 16383",
    ),
    "tall": (
        through_jpeg,
        np.zeros((65501, 1, 1), np.uint8),
        "L",
        "is 65501 pixels on a side, and JPEG supports at most 65500",
    ),
}


@pytest.mark.parametrize(("through", "pixels", "mode", "message"), REFUSED.values(), ids=REFUSED)
def test_what_a_format_cannot_hold_is_refused_in_words(through, pixels, mode, message):
    with pytest.raises(ImageError, match=message):
        through(pixels, 50, mode)
