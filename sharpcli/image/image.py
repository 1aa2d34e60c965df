"""Images: decoded pixels plus all that must survive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from sharpcli.image.inventory.part import Part

Pixels = NDArray[np.uint8 | np.uint16]
FloatPixels = NDArray[np.float32]

GRAIN = 1 << 16
BT601 = np.array([19595, 38470, 7471], dtype=np.float32) / np.float32(GRAIN)
"""Weights of R, G, B in full-range luma (ITU-R BT.601: 0.299, 0.587, 0.114), in 65536ths as libjpeg has them."""

PIXELS_PER_COPY, WHOLE = 1 << 20, 1 << 23
"""Pixels that are copied at a time between Pillow and an array, so that no third copy of a large image exists, and
up to how many an image is not large: to cut it would take longer than to decode it."""


@dataclass(frozen=True)
class Image:
    """A decoded image: `pixels` uint8 or uint16, H x W x C, upright; `mode` is L, LA, RGB, RGBA or CMYK.

    `metadata` is what else its file held (`metadata.py` lists it), `notes` say in words what was left out of it, and
    `parts` is the list of all that its file held, for a note of what the next file lacks.
    """

    pixels: Pixels
    mode: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


def luma(rgb: FloatPixels) -> FloatPixels:
    """Full-range BT.601 luma of float32 RGB: H x W x 3 to H x W x 1, same units."""
    return (rgb @ BT601)[..., None]


def in_8_bits(pixels: Pixels) -> Pixels:
    """Pixels of either depth as uint8, rounded to the nearest level; themselves where they are uint8."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    levels: Pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return levels


def bands(height: int, width: int) -> Iterator[slice]:
    """The rows of an H x W image, in slices where it is large."""
    rows = height if height * width <= WHOLE else max(1, PIXELS_PER_COPY // width)
    return (slice(top, min(top + rows, height)) for top in range(0, height, rows))


def blocks(array: NDArray[Any]) -> Iterator[tuple[slice, slice]]:
    """The rows and columns of the parts in which to copy H x W x C: rows as they lie, squares where it is turned.

    To write a turned image row by row would bring all of a file-backed array into memory with each of them.
    """
    height, width = array.shape[:2]
    if abs(array.strides[0]) >= abs(array.strides[1]) or height * width <= WHOLE:
        return ((rows, slice(0, width)) for rows in bands(height, width))
    side = isqrt(PIXELS_PER_COPY)
    corners = product(range(0, height, side), range(0, width, side))
    return ((slice(y, min(y + side, height)), slice(x, min(x + side, width))) for y, x in corners)


def read_only(pixels: NDArray[Any]) -> NDArray[Any]:
    """The same pixels, which NumPy lets nobody write to: what a plugin is given is needed afterwards too."""
    view = pixels.view()
    view.flags.writeable = False
    return view


def to_pil(pixels: NDArray[Any], mode: str) -> PILImage.Image:
    """The Pillow image of uint8 pixels, H x W x C."""
    height, width = pixels.shape[:2]
    if height * width <= WHOLE:
        return _to_pil(pixels, mode)
    image = PILImage.new(mode, (width, height))
    for rows in bands(height, width):
        image.paste(_to_pil(pixels[rows], mode), (0, rows.start))
    return image


def _to_pil(pixels: NDArray[Any], mode: str) -> PILImage.Image:
    whole = np.ascontiguousarray(pixels)
    # Of one dimension, since Pillow is particular about the others.
    return PILImage.frombytes(mode, whole.shape[1::-1], whole.reshape(-1).data)


def from_pil(image: PILImage.Image) -> Pixels:
    """The uint8 pixels of a Pillow image, always H x W x C."""
    pixels = np.array(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def padded(pixels: NDArray[Any], multiple: int) -> NDArray[Any]:
    """H x W x C with the last row and column repeated until both sides are multiples; itself where they are."""
    height, width = pixels.shape[:2]
    if height % multiple == width % multiple == 0:
        return pixels
    return np.pad(pixels, ((0, -height % multiple), (0, -width % multiple), (0, 0)), mode="edge")
