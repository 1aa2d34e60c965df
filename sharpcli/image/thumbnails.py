"""Small images of large ones, for a report."""

from __future__ import annotations

import io
from typing import Any

from numpy.typing import NDArray
from PIL import Image as PILImage

from sharpcli.image.image import in_8_bits, to_pil

SIDE = 320
QUALITY = 60


def thumbnail(pixels: NDArray[Any], mode: str) -> bytes:
    """A WebP file of at most 320 pixels a side, of uint8 or uint16 pixels, H x W x C, mode L, LA, RGB, RGBA or CMYK."""
    file = io.BytesIO()
    small(pixels, mode, (SIDE, SIDE)).save(file, "WEBP", quality=QUALITY)
    return file.getvalue()


def small(pixels: NDArray[Any], mode: str, size: tuple[int, int]) -> PILImage.Image:
    """The same pixels as an RGB or RGBA image that fits into `size` (width, height), never enlarged.

    Only every n-th row and column is looked at, so that an image larger than memory costs no more than a small one.
    """
    height, width = pixels.shape[:2]
    # Twice the final side is left to be averaged: taking every n-th pixel alone would turn fine texture into noise.
    step = max(1, int(max(width / size[0], height / size[1]) / 2))
    few = in_8_bits(pixels[::step, ::step])
    image = to_pil(few, mode).convert("RGBA" if mode in ("LA", "RGBA") else "RGB")
    image.thumbnail(size)
    return image
