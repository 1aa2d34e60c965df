"""Resizing, and the degradation it causes: the mission's data preparation."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from sharpcli.image.compression import through_jpeg
from sharpcli.image.image import Pixels, from_pil, padded, to_pil
from sharpcli.image.polyphase import EXACT_FACTORS, FACTORS, REACH, enlarge
from sharpcli.image.scratch import IN_MEMORY, Scratch

KERNELS = {
    "bicubic": PILImage.Resampling.BICUBIC,
    "bilinear": PILImage.Resampling.BILINEAR,
    "lanczos": PILImage.Resampling.LANCZOS,
    "box": PILImage.Resampling.BOX,
}
SUPPORT = 3
"""Radius of the widest kernel, Lanczos', in samples of the coarser of the two grids."""
PIXELS_PER_BAND = 1 << 22

Box = tuple[float, float, float, float] | None
"""Left, top, right and bottom of what is resized; None for all."""


def resize(
    pixels: Pixels,
    size: tuple[int, int],
    mode: str = "RGB",
    kernel: str = "bicubic",
    scratch: Scratch = IN_MEMORY,
    band: int = PIXELS_PER_BAND,
) -> Pixels:
    """Resize H x W x C pixels to `size` = (height, width); antialiased when shrinking (Keys, 1981, for bicubic).

    Alpha weighs its colours, but where nothing of them will be seen the hidden ones stay: black there would be an
    edge to whoever sharpens next. The result is made in bands of at most about `band` pixels, which bounds the
    memory and changes nothing.
    """
    if kernel == "bicubic" and (factor := _whole_factor(pixels, size, mode)):
        return _enlarged(pixels, factor, mode, scratch, band)
    (height, width), (tall, wide) = pixels.shape[:2], size
    resized = _resized
    if _by_floats(pixels, mode):
        resized, band = _resized_exactly, max(1, band // 4)
    rows = max(1, band // max(wide, width))
    if max(height, tall) <= rows:
        return resized(pixels, size, None, mode, kernel)
    result = scratch.empty((*size, pixels.shape[2]), pixels.dtype)
    scale = height / tall
    # As far as the kernel reaches at either end, and two rows more for the rounding of a box's ends.
    margin = math.ceil(SUPPORT * max(1, 1 / scale)) + 2
    for begin in range(0, tall, rows):
        end = min(begin + rows, tall)
        first, last = max(0, begin - margin), min(tall, end + margin)
        top, bottom = math.floor(first * scale), min(height, math.ceil(last * scale))
        box = (0.0, first * scale - top, float(width), last * scale - top)
        part = resized(pixels[top:bottom], (last - first, wide), box, mode, kernel)
        result[begin:end] = part[begin - first : end - first]
    return result


def resize_plane(
    plane: NDArray[np.float32], size: tuple[int, int], kernel: str = "bicubic", box: Box = None
) -> NDArray[np.float32]:
    """Resize one channel, H x W floats of any range, to `size` = (height, width); nothing is rounded or clipped."""
    return np.array(PILImage.fromarray(plane).resize(size[::-1], KERNELS[kernel], box))


def _by_floats(pixels: Pixels, mode: str) -> bool:
    """Whether pixels are resized without rounding between the two passes."""
    return pixels.dtype != np.uint8 or mode.endswith("A")


def _whole_factor(pixels: Pixels, size: tuple[int, int], mode: str) -> int:
    """What both sides are multiplied by to be of `size`, if `_enlarged` can do that; else 0."""
    height, width = pixels.shape[:2]
    factor = size[0] // height
    if factor not in (EXACT_FACTORS if _by_floats(pixels, mode) else FACTORS):
        return 0
    if size != (height * factor, width * factor) or min(height, width) < 2 * REACH:
        return 0
    # Colors are weighed by alpha, if any of it is less than full.
    return 0 if mode.endswith("A") and pixels[..., -1].min() < np.iinfo(pixels.dtype).max else factor


def _enlarged(pixels: Pixels, factor: int, mode: str, scratch: Scratch, band: int) -> Pixels:
    """What Pillow would make, bit for bit, and does make along the edges, where it cuts the kernel off."""
    exact = _by_floats(pixels, mode)
    height, width, channels = pixels.shape
    result = scratch.empty((height * factor, width * factor, channels), pixels.dtype)

    def by_pillow(part: Pixels) -> Pixels:
        resized = _resized_exactly if exact else _resized
        return resized(part, (part.shape[0] * factor, part.shape[1] * factor), None, mode, "bicubic")

    side, edge = 2 * REACH, REACH * factor
    ends = (slice(None, side), slice(None, edge)), (slice(-side, None), slice(-edge, None))
    rows = max(1, band // (width * factor**2))
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        first, last = max(0, top - REACH), min(bottom + REACH, height)
        part, large = pixels[first:last], result[first * factor : last * factor]
        enlarge(part, factor, large, exact)
        made = slice((top - first) * factor, (bottom - first) * factor)
        for before, after in ends:
            large[made, after] = by_pillow(part[:, before])[made, after]
    for before, after in ends:
        result[after] = by_pillow(pixels[before])[after]
    return result


def _resized(pixels: Pixels, size: tuple[int, int], box: Box, mode: str, kernel: str) -> Pixels:
    return from_pil(to_pil(pixels, mode).resize(size[::-1], KERNELS[kernel], box))


def _resized_exactly(pixels: Pixels, size: tuple[int, int], box: Box, mode: str, kernel: str) -> Pixels:
    """The same as floats, one channel at a time: for uint16, and for alpha, whose weight levels would round."""
    sized = partial(resize_plane, size=size, kernel=kernel, box=box)
    full = np.float32(np.iinfo(pixels.dtype).max)
    result: Pixels = np.empty((*size, pixels.shape[2]), pixels.dtype)
    colors = len(mode.removesuffix("A"))
    cover = after = None
    if colors < len(mode):
        cover = pixels[..., -1].astype(np.float32) / full
        after = sized(cover)
    for channel in range(pixels.shape[2]):
        plane = pixels[..., channel].astype(np.float32)
        values = sized(plane)
        if cover is not None and after is not None and channel < colors:
            # What is transparent has no colour to lend to its neighbours.
            seen = after * full >= 0.5
            np.divide(sized(plane * cover), after, out=values, where=seen)
        result[..., channel] = np.rint(values, out=values).clip(0, full, out=values)
    return result


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
