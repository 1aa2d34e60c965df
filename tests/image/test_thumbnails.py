import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.image.image import from_pil, in_8_bits, to_pil
from sharpcli.image.thumbnails import SIDE, small, thumbnail


def opened(file):
    image = PILImage.open(io.BytesIO(file))
    assert image.format == "WEBP"
    return image


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK"])
@pytest.mark.parametrize("deep", [False, True], ids=["8 bits", "16 bits"])
def test_a_thumbnail_is_small_and_looks_like_its_image(photo, mode, deep):
    original = to_pil(photo, "RGB").convert(mode)
    pixels = from_pil(original)
    made = opened(thumbnail(pixels.astype(np.uint16) * 257 if deep else pixels, mode))
    assert made.size == (320, 213)
    expected = np.asarray(original.convert("RGB").resize(made.size), dtype=float)
    assert np.abs(np.asarray(made.convert("RGB"), dtype=float) - expected).mean() < 8


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK"])
def test_16_bits_are_rounded_to_the_nearest_level(mode):
    """As `in_8_bits` does it for all others: cut off, most would be a level too dark."""
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    pixels = np.stack([levels] * len(mode), axis=-1)
    made = small(pixels, mode, (256, 256))
    expected = to_pil(in_8_bits(pixels), mode).convert("RGBA" if mode in ("LA", "RGBA") else "RGB")
    np.testing.assert_array_equal(np.asarray(made), np.asarray(expected))
    if mode == "RGB":
        assert np.abs(np.asarray(made)[..., 0].astype(float) - levels / 257).max() <= 0.5


def test_what_is_transparent_stays_so():
    pixels = np.zeros((400, 600, 4), np.uint8)
    pixels[:, 300:, 3] = 255
    alpha = np.asarray(opened(thumbnail(pixels, "RGBA")))[..., 3]
    assert alpha[:, :150].max() == 0
    assert alpha[:, -150:].min() == 255


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_any_shape_gives_one_no_larger_than_the_image(height, width):
    pixels = np.broadcast_to(np.array([200, 100, 50], np.uint8), (height, width, 3))
    size = opened(thumbnail(pixels, "RGB")).size
    assert max(size) == min(SIDE, max(height, width))
    assert all(made <= given for made, given in zip(size, (width, height), strict=True))


def test_an_image_larger_than_memory_costs_little():
    huge = np.broadcast_to(np.array([[[9, 99, 199]]], np.uint16), (200_000, 300_000, 3))
    tracemalloc.start()
    try:
        thumbnail(huge, "RGB")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20e6
