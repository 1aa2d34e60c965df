import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.image import image as image_module
from sharpcli.image.codecs.base import as_stored
from sharpcli.image.image import from_pil, in_8_bits, to_pil


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK"])
def test_pixels_go_to_pillow_and_back_in_bands(monkeypatch, photo, mode):
    monkeypatch.setattr(image_module, "PIXELS_PER_COPY", 1000)
    pixels = np.resize(photo, (37, 53, len(mode)))
    np.testing.assert_array_equal(from_pil(to_pil(pixels, mode)), pixels)


def test_16_bits_become_the_nearest_8():
    np.testing.assert_array_equal(in_8_bits(np.array([0, 128, 129, 257, 65535], np.uint16)), [0, 0, 1, 1, 255])


@given(st.integers(1, 8), st.integers(1, 5), st.integers(1, 5))
def test_a_stored_view_undoes_what_exif_asks_for(orientation, height, width):
    from PIL import Image as PILImage
    from PIL import ImageOps

    image = PILImage.fromarray(np.arange(height * width, dtype=np.uint8).reshape(height, width))
    exif = image.getexif()
    exif[274] = orientation
    upright = np.array(ImageOps.exif_transpose(image))[..., None]
    np.testing.assert_array_equal(as_stored(upright, orientation)[..., 0], np.array(image))
