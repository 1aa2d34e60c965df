"""What lossy formats leave of an image."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.files.formats import TABLE
from sharpcli.image.image import Pixels, from_pil, to_pil


def through_jpeg(pixels: Pixels, quality: int, mode: str = "RGB") -> Pixels:
    """What is left of uint8 pixels after JPEG at `quality` 1-100, chroma halved as encoders do; alpha passes by.

    Raises ImageError for uint16 and for sides that JPEG does not support.
    """
    return _through(pixels, quality, mode, "JPEG")


def through_webp(pixels: Pixels, quality: int, mode: str = "RGB") -> Pixels:
    """What is left of uint8 pixels after lossy WebP at `quality` 1-100; alpha passes by.

    Raises ImageError for uint16, for CMYK and for sides that WebP does not support.
    """
    return _through(pixels, quality, mode, "WebP")


def _through(pixels: Pixels, quality: int, mode: str, name: str) -> Pixels:
    format = TABLE[name.upper()]
    opaque = mode.removesuffix("A")
    instead = f"convert it first, or do without {name}"
    if pixels.dtype != np.uint8:
        raise ImageError(f"has 16 bits per channel, which {name} does not support; {instead}")
    if opaque not in format.modes:
        raise ImageError(f"is {mode}, which {name} does not support; {instead}")
    if (longest := max(pixels.shape[:2])) > format.side:
        raise ImageError(f"is {longest} pixels on a side, and {name} supports at most {format.side}; do without {name}")
    buffer = io.BytesIO()
    to_pil(pixels[..., : len(opaque)], opaque).save(buffer, format.name, quality=quality)
    # WebP has no grey: that comes back as colours whose channels are up to a level apart.
    left = from_pil(PILImage.open(buffer).convert(opaque))
    return np.concatenate([left, pixels[..., len(opaque) :]], axis=2)
