"""Resizing, and the damage it does: the mission's data preparation."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from sharpcli.pictures import Pixels, from_image, padded, to_image

KERNELS = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
}


def resize(pixels: Pixels, size: tuple[int, int], mode: str = "RGB", kernel: str = "bicubic") -> Pixels:
    """Resize uint8 H x W x C to `size` = (height, width); antialiased when shrinking (Keys, 1981, for bicubic)."""
    height, width = size
    return from_image(to_image(pixels, mode).resize((width, height), KERNELS[kernel]))


def through_jpeg(pixels: Pixels, quality: int, mode: str = "RGB") -> Pixels:
    """What is left of uint8 pixels after JPEG at `quality` 1-100, chroma halved as encoders do; alpha passes by."""
    opaque = mode.removesuffix("A")
    colours = pixels[..., : len(opaque)]
    buffer = io.BytesIO()
    to_image(colours, opaque).save(buffer, "JPEG", quality=quality)
    return np.concatenate([from_image(Image.open(buffer)), pixels[..., len(opaque) :]], axis=2)


def grid_of(scale: float) -> int:
    """The multiple that a side must have for `scale` to keep an exact sampling grid; 1 for a broken scale."""
    return int(scale) if float(scale).is_integer() else 1


def degrade(
    pixels: Pixels,
    scale: float,
    mode: str = "RGB",
    jpeg: int | None = None,
    down: str = "bicubic",
    up: str = "bicubic",
) -> Pixels:
    """Shrink by `scale`, compress if `jpeg` is a quality, and enlarge to the same H x W x C.

    A whole `scale` keeps its exact sampling grid on any size: edges are repeated up to a multiple, then cut again.
    """
    height, width = pixels.shape[:2]
    whole = padded(pixels, grid_of(scale))
    size = whole.shape[:2]
    small = (max(1, round(size[0] / scale)), max(1, round(size[1] / scale)))
    reduced = whole if scale == 1 else resize(whole, small, mode, down)
    if jpeg is not None:
        reduced = through_jpeg(reduced, jpeg, mode)
    restored = reduced if scale == 1 else resize(reduced, size, mode, up)
    return restored[:height, :width]
