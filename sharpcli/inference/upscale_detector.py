"""Tells from the pixels alone whether an image was enlarged exactly twice, and where the sampling grid lies."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sharpcli.image.image import BT601, FloatPixels

Phase = tuple[int, int]
"""(rows, columns), each 0 or 1, that are missing above and to the left of an image for its grid to start whole."""

WINDOW = 128
CELLS = 4
"""An image is looked at through its most textured window in each of CELLS x CELLS parts."""
VIOLATED, HELD = 3.0, 1.5
"""Levels of 255 beyond which a grid's relation is broken, and up to which rounding explains what is left of it."""
SPEAKS, AGREES = 24, 0.65
"""Places that must decide between the phases for a window to count, and the share of them that must agree."""
PLACES = 400
"""Places that must decide between the phases in the whole image, along each axis."""
COMPRESSED, STANDS_OUT = 0.045, 5.0
"""How much more often the blocks of a JPEG's own grid are without fine detail than those of the median of all 64 grids:
at least so much, and so many times the median deviation, which is large where an image is too small for the former."""

SHARP, ROUNDING = 0.07, 0.2
"""The least energy of a small image's finest detail, in that of middling detail; what rounding adds to the former."""

# How the mean of two samples that a bicubic enlargement made of one weighs that one and its neighbours.
_MEAN_TAPS = np.array([-3, 20, 222, 20, -3], dtype=np.float32) / np.float32(256)
# DCT-II of 8 samples; row 0, the mean, is not used and not normalised.
_DCT = (0.5 * np.cos(np.pi / 16 * np.outer(np.arange(8), np.arange(1, 16, 2)))).astype(np.float32)


def doubling(pixels: NDArray[Any]) -> Phase | None:
    """The grid phase of a clean image enlarged exactly twice, or None when that is not clear-cut.

    `pixels` are H x W x 1 or 3, floats in [0, 1] or unsigned integers of the full range. Bicubic (a = -0.5) and
    bilinear enlargements are recognised, by every sixteenth of the image that has texture. Clean means that the small
    image was sharp itself and never a JPEG. Resampling leaves linear relations between neighbours, periodic as its
    grid (Popescu & Farid, Exposing digital forgeries by detecting traces of resampling, 2005). Gallagher (Detection of
    linear and cubic interpolation in JPEG compressed images, 2005) finds the period in the second derivative.
    """
    windows = _windows(pixels)
    if windows is None:
        return None
    phases = [_phase(windows, axis) for axis in (1, 2)]
    if None in phases:
        return None
    rows, columns = (int(phase or 0) for phase in phases)
    small = _halved(windows[:, rows:, columns:])
    return None if _was_jpeg(small) or _was_soft(small) else (rows, columns)


def _windows(pixels: NDArray[Any]) -> FloatPixels | None:
    """The most textured windows, N x H x W luma in levels of 255, each at a multiple of 64; None in tiny images."""
    height, width = (min(WINDOW, side) for side in pixels.shape[:2])
    if min(height, width) < WINDOW // 4:
        return None
    texture = np.concatenate([_texture(pixels[top : top + 1025]) for top in range(0, pixels.shape[0], 1024)])
    sides = zip(pixels.shape[:2], (height, width), strict=True)
    starts = [range(0, side - window + 1, WINDOW // 2) for side, window in sides]
    parts = [np.array_split(np.array(start), min(CELLS, len(start))) for start in starts]
    chosen = []
    for tops, lefts in product(*parts):
        top, left = max(
            product(tops.tolist(), lefts.tolist()),
            key=lambda at: float(texture[at[0] // 4 : (at[0] + height) // 4, at[1] // 4 : (at[1] + width) // 4].sum()),
        )
        chosen.append(pixels[top : top + height, left : left + width])
    stack = np.stack(chosen)
    unit = np.float32(255 if stack.dtype.kind == "f" else 255 / np.iinfo(stack.dtype).max)
    levels: FloatPixels = stack.astype(np.float32) * unit
    weights: FloatPixels = BT601 if levels.shape[3] == 3 else np.ones(1, dtype=np.float32)
    luma: FloatPixels = levels @ weights
    return luma


def _texture(pixels: NDArray[Any]) -> FloatPixels:
    """How much the neighbours of every fourth sample differ from it."""
    sampled = pixels[:-1:4, :-1:4].astype(np.float32)
    change = np.abs(pixels[1::4, :-1:4] - sampled) + np.abs(pixels[:-1:4, 1::4] - sampled)
    texture: FloatPixels = change.sum(axis=2)
    return texture


def _votes(windows: FloatPixels, axis: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each window the places that decide between the two phases along an axis, N, and those for each, 2 x N.

    In a bilinear enlargement by two, four neighbours in a row lie two on each line that meets in a sample of the small
    image, so their third difference is zero, at every other place. Keys' cubic (a = -0.5) enlarges by two exactly as
    sharpening by (-3, 38, -3) / 32 and then bilinear interpolation would, so the relation holds for it too.
    """
    x = np.moveaxis(windows, axis, 0)
    third = np.abs(x[3:] - x[:-3] - 3 * (x[2:-1] - x[1:-2])) / 4
    third = third[: len(third) // 2 * 2]
    # The first is that of samples 0-3, whose middle is a sample of the small image when row 0 is the second of two.
    rest = np.stack([third[1::2], third[0::2]])
    decides = rest.max(axis=0) > VIOLATED
    keeps = decides & (rest <= HELD)
    return decides.sum(axis=(0, 2)), keeps.sum(axis=(1, 3))


def _phase(windows: FloatPixels, axis: int) -> int | None:
    """The phase along an axis that every window with something to say agrees on, or None."""
    decides, keeps = _votes(windows, axis)
    speaks = decides >= SPEAKS
    if decides[speaks].sum() < PLACES:
        return None
    agreed = (keeps[:, speaks] >= AGREES * decides[speaks]).all(axis=1)
    return int(agreed.argmax()) if agreed.any() else None


def _halved(windows: FloatPixels) -> FloatPixels:
    """The samples, N x H/2 x W/2, that a bicubic enlargement made windows in phase 0 from."""
    height, width = (side // 2 * 2 for side in windows.shape[1:])
    whole = windows[:, :height, :width].reshape(len(windows), height // 2, 2, width // 2, 2)
    mean: FloatPixels = whole.mean(axis=(2, 4))
    for axis in (1, 2):
        blurred, sharp = mean, mean
        # A few corrections undo what the mean does, edges repeated.
        for _ in range(4):
            ends = np.pad(sharp, [(2, 2) if axis == a else (0, 0) for a in range(3)], mode="edge")
            taps = sliding_window_view(ends, 5, axis=axis)
            sharp = sharp + blurred - taps @ _MEAN_TAPS
        mean = sharp
    return mean


def _fine(samples: FloatPixels) -> FloatPixels:
    """Magnitudes of the highest 4 x 4 DCT coefficients of the 8 x 8 block at each place: N x H-7 x W-7 x 4 x 4."""
    rows = sliding_window_view(samples, 8, axis=2) @ _DCT[4:].T
    magnitudes: FloatPixels = np.abs(sliding_window_view(rows, 8, axis=1) @ _DCT[4:].T)
    return magnitudes


def _was_jpeg(samples: FloatPixels) -> bool:
    """Whether blocks of one grid have far fewer fine coefficients than those of the others, as JPEG leaves them."""
    empty = (_fine(samples) < 0.75).mean(axis=(0, 3, 4))
    height, width = (side // 8 * 8 for side in empty.shape)
    grids = empty[:height, :width].reshape(height // 8, 8, width // 8, 8).mean(axis=(0, 2))
    middle = np.median(grids)
    spread = np.median(np.abs(grids - middle)) + 0.002
    return bool(grids.max() - middle > max(COMPRESSED, STANDS_OUT * spread))


def _was_soft(samples: FloatPixels) -> bool:
    """Whether there is next to no detail of the finest kind along an axis, as after an enlargement before this one."""
    inner = samples[:, 4:-4, 4:-4]
    for axis in (1, 2):
        energy = ((sliding_window_view(inner, 8, axis=axis)[:, ::2, ::2] @ _DCT.T) ** 2).mean(axis=(0, 1, 2))
        if energy[7] - ROUNDING < SHARP * energy[3:5].mean():
            return True
    return False
