"""Luma and chroma to RGB by the stream's own matrix and range, and changes of RGB back to luma."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.video.chroma import factors, first_places, resampled
from sharpcli.video.planes import LUMA_BITS, plane

if TYPE_CHECKING:
    from av import VideoFrame

BT601, BT709, BT2020 = (0.299, 0.114), (0.2126, 0.0722), (0.2627, 0.0593)
WEIGHTS = {1: BT709, 4: (0.30, 0.11), 5: BT601, 6: BT601, 7: (0.212, 0.087), 9: BT2020}
"""Shares of R and B in luma, by the number of the matrix in ITU-T H.273, table 4."""
UNSPECIFIED = (2, 3)
SD_WIDTH, SD_HEIGHT = 1279, 576
"""The largest picture that is taken for BT.601 where nothing is said, as by players."""
FULL_RANGE = 2
"""FFmpeg's number for it."""


@dataclass(frozen=True)
class Matrix:
    """Shares of R and B in luma, the sample of black, how many levels luma and chroma have, and that of no chroma."""

    red: float
    blue: float
    black: float
    luma: float
    chroma: float
    neutral: float

    @classmethod
    def of(cls, frame: VideoFrame) -> Matrix:
        """The one that a frame names, or that players take for one of its size; raises ImageError for other kinds."""
        space = int(frame.colorspace)
        if space in UNSPECIFIED:
            small = frame.width <= SD_WIDTH and frame.height <= SD_HEIGHT
            weights = BT601 if small else BT709
        elif space in WEIGHTS:
            weights = WEIGHTS[space]
        else:
            raise ImageError(f"has colours of a matrix without luma (H.273: {space}); choose an enhancer of luma")
        bits = LUMA_BITS[frame.format.name]
        unit = float(1 << (bits - 8))
        if int(frame.color_range) == FULL_RANGE or frame.format.name.startswith("yuvj"):
            top = float((1 << bits) - 1)
            return cls(*weights, 0, top, top, 128 * unit)
        return cls(*weights, 16 * unit, 219 * unit, 224 * unit, 128 * unit)

    def change_of_luma(self, before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.float32]:
        """What a change of uint16 RGB, H x W x 3, adds to luma samples, H x W."""
        shares = np.array([self.red, 1 - self.red - self.blue, self.blue], np.float32) * np.float32(self.luma / 65535)
        change: NDArray[np.float32] = np.subtract(after, before, dtype=np.float32) @ shares
        return change


def to_rgb(frame: VideoFrame, matrix: Matrix, rows: slice) -> NDArray[np.uint16]:
    """Those rows of a frame with chroma (all, or every second of one field) as RGB, H x W x 3, clipped to the gamut."""
    luma = plane(frame)[rows].astype(np.float32)
    blue, red = (_chroma(frame, index, rows, luma.shape, matrix) for index in (1, 2))
    luma -= matrix.black
    luma /= matrix.luma
    red *= 2 * (1 - matrix.red)
    blue *= 2 * (1 - matrix.blue)
    green = 1 - matrix.red - matrix.blue
    channels = luma + red, luma - (matrix.red * red + matrix.blue * blue) / green, luma + blue
    result = np.empty((*luma.shape, 3), np.uint16)
    for index, channel in enumerate(channels):
        result[..., index] = np.rint(channel.clip(0, 1) * 65535)
    return result


def _chroma(frame: VideoFrame, index: int, rows: slice, size: tuple[int, ...], matrix: Matrix) -> NDArray[np.float32]:
    """A component of chroma at the places of luma's samples, -0.5 to 0.5."""
    (down, across), (top, left) = factors(frame.format, index), first_places(frame.format, index)
    samples = plane(frame, index)[rows]
    if (down, across) == (1, 1):
        whole = samples.astype(np.float32)
    else:
        whole = resampled(samples, (size[0], size[1]), (1 / down, 1 / across), (-top / down, -left / across))
    whole -= matrix.neutral
    whole /= matrix.chroma
    return whole
