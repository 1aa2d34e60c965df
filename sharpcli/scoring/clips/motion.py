"""What changes from frame to frame: errors of the differences, and changes where the scene holds still.

That what holds still is found in the original, and what a result changes there is counted, is after Fan, Gao, Lu and
Zhao, "Flicking reduction in all intra frame coding", JVT-E070, 2002; mean absolute differences of neighbouring frames
are what VBench (Huang and others, CVPR 2024) calls temporal flickering.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.image.image import Pixels, luma
from sharpcli.scoring.bands import row_bands
from sharpcli.scoring.score import BORDER, STUDIO_LUMA
from sharpcli.video.matrix import FULL_RANGE, SD_HEIGHT, SD_WIDTH, UNSPECIFIED
from sharpcli.video.planes import LUMA_BITS, plane

if TYPE_CHECKING:
    from av import VideoFrame

BLOCK, CELL = 16, 4
"""Side of a block, as coders move and hold them, and of the cells in it whose means tell whether it moves."""
STILL = 3.0
"""Of 255 levels, the most that the mean of a cell may change where a block holds still. Noise averages out in a cell: a
standard deviation of 2 passes in 99 of 100 blocks. An edge of 100 levels that moves an eighth of a pixel does not.
"""


@dataclass(frozen=True)
class Luma:
    """A frame's luma plane as it was coded, H x W, and how many of 255 levels one of its levels is."""

    values: NDArray[Any]
    level: float


def luma_of(frame: VideoFrame, rgb: Pixels) -> Luma:
    """A copy of a frame's luma as it was coded, limited range or full; that of `rgb`, H x W x 3, where it has none."""
    bits = LUMA_BITS.get(frame.format.name)
    if bits is None:
        return Luma(np.rint(luma(rgb)[..., 0]).astype(np.int16), 1)
    full = int(frame.color_range) == FULL_RANGE or frame.format.name.startswith("yuvj")
    span = (1 << bits) - 1 if full else 219 << (bits - 8)
    return Luma(plane(frame).astype(np.int32 if bits > 14 else np.int16), 255 / span)


def rgb_of_frame(frame: VideoFrame) -> Pixels:
    """A frame as uint8 H x W x 3 by the matrix and range that it names, or those that players guess."""
    named = int(frame.colorspace) not in UNSPECIFIED or (frame.width <= SD_WIDTH and frame.height <= SD_HEIGHT)
    return np.ascontiguousarray(frame.reformat(format="rgb24", src_colorspace=None if named else "ITU709").to_ndarray())


def changes(after: Luma, before: Luma) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Of each whole block: the sum of absolute differences of two frames in 255 levels, and whether it holds still."""
    rows, columns = (side // BLOCK for side in after.values.shape)
    part = slice(0, rows * BLOCK), slice(0, columns * BLOCK)
    change = after.values[part] - before.values[part]
    blocks = (rows, BLOCK, columns, BLOCK)
    sums = np.abs(change).reshape(blocks).sum((1, 3), dtype=np.int64) * after.level
    per_side = BLOCK // CELL
    cells = change.reshape(rows, per_side, CELL, columns, per_side, CELL).sum((2, 5), dtype=np.int64)
    still = np.abs(cells).max((1, 3), initial=0) * after.level <= STILL * CELL * CELL
    return sums, still


def ratio(changed: float, due: float) -> float:
    """How many times as much something changes as is due; 1 where neither does, infinite where only that is due."""
    if changed == due:
        return 1.0
    return changed / due if due else math.inf


def error(result: Pixels, reference: Pixels, convention: str) -> NDArray[Any]:
    """The result's errors in what a convention compares: uint8 H x W x 3 to int16 or float32, H x W or H x W x 3."""
    difference = np.subtract(result, reference, dtype=np.int16)
    if convention == "rgb":
        return difference
    inside = slice(BORDER, -BORDER)
    # What is added to make luma falls out of a difference.
    errors: NDArray[Any] = difference[inside, inside].astype(np.float32) @ STUDIO_LUMA.astype(np.float32)
    return errors


def mean_square(errors: NDArray[Any], before: NDArray[Any]) -> float:
    """The mean square of the errors in the differences of two frames, from the `error` of each."""
    height, width = errors.shape[:2]
    total = 0.0
    for band in row_bands(height, width, 0):
        changed = np.subtract(errors[band], before[band], dtype=np.float64)
        total += float((changed**2).sum())
    return total / errors.size
