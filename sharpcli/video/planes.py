"""The planes of a decoded frame as arrays: luma as it was coded, neither stretched nor converted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoFrame

LUMA_BITS = {
    **dict.fromkeys(("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray"), 8),
    **dict.fromkeys(("yuv420p10le", "yuv422p10le", "yuv444p10le", "gray10le"), 10),
    **dict.fromkeys(("yuv420p12le", "yuv422p12le", "yuv444p12le", "gray12le"), 12),
}
"""Significant bits of the luma plane, the low ones of their bytes, by FFmpeg's names of the pixel formats with one."""


def plane(frame: VideoFrame, index: int = 0) -> NDArray[Any]:
    """A view of one plane, H x W, uint8 or uint16, through which the frame is written to; `make_writable` it before."""
    component = frame.format.components[index]
    one = frame.planes[index]
    dtype = np.dtype(np.uint8 if component.bits == 8 else "<u2")
    rows = np.frombuffer(one, dtype)  # type: ignore[call-overload]
    step = one.line_size // dtype.itemsize
    # Less than whole rows may lie behind the last one.
    whole = np.lib.stride_tricks.as_strided(
        rows, (component.height, component.width), (step * dtype.itemsize, dtype.itemsize)
    )
    assert (component.height - 1) * step + component.width <= rows.size
    return whole


def to_levels(luma: NDArray[Any], bits: int) -> NDArray[Any]:
    """H x W of so many bits as the pipeline's H x W x 1: uint8 as it is, more bits as uint16, black 0, white near 65535.

    Limited range stays limited: to stretch it would round, and what is not enhanced would not come back.
    """
    if bits == 8:
        return luma[..., None]
    return np.left_shift(luma, 16 - bits, dtype=np.uint16)[..., None]


def from_levels(levels: NDArray[Any], bits: int) -> NDArray[Any]:
    """The reverse of `to_levels`, rounded; exact for levels that came from there."""
    if bits == 8:
        return levels[..., 0]
    down = 16 - bits
    rounded = np.right_shift(levels[..., 0].astype(np.uint32) + (1 << (down - 1)), down)
    return np.minimum(rounded, (1 << bits) - 1).astype(np.uint16)
