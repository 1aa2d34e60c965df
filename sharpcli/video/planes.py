"""The planes of a decoded frame as arrays: samples as they were coded, neither stretched nor converted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoFrame

SHIFTED = {f"p{family}{bits}le": 16 - bits for family in (0, 2, 4) for bits in (10, 12)}
"""Pixel formats whose samples are the high bits of 16, and how many zeros are below them."""
INTERLEAVED: dict[str, tuple[tuple[int, int, int], ...]] = {
    # Plane, offset and step of each component, in samples.
    **dict.fromkeys(
        ("nv12", "nv16", "nv24", "nv20le", *SHIFTED, "p016le", "p216le", "p416le"), ((0, 0, 1), (1, 0, 2), (1, 1, 2))
    ),
    "nv21": ((0, 0, 1), (1, 1, 2), (1, 0, 2)),
    "yuyv422": ((0, 0, 2), (0, 1, 4), (0, 3, 4)),
    "uyvy422": ((0, 1, 2), (0, 0, 4), (0, 2, 4)),
    **dict.fromkeys(("ya8", "ya16le", "ya16be"), ((0, 0, 2), (0, 1, 2))),
    **{
        name + end: tuple((0, name.index(color), len(name)) for color in "rgba" if color in name)
        for names, ends in (
            (("rgb", "bgr"), ("24", "48le", "48be")),
            (("rgba", "bgra"), ("", "64le", "64be")),
            (("argb", "abgr", "rgb0", "bgr0", "0rgb", "0bgr"), ("",)),
        )
        for name in names
        for end in ends
    },
}
"""Pixel formats that do not have a plane for each component."""


def _planar(kinds: tuple[str, ...], depths: tuple[int, ...]) -> Iterator[tuple[str, int]]:
    for kind in kinds:
        for bits in depths:
            yield from ((f"{kind}{bits}{end}", bits) for end in ("le", "be"))


LUMA_BITS: dict[str, int] = {
    **{f"yuv{family}p": 8 for family in (420, 422, 444, 440, 411, 410)},
    **{f"yuvj{family}p": 8 for family in (420, 422, 444, 440, 411)},
    **{f"yuva{family}p": 8 for family in (420, 422, 444)},
    **dict.fromkeys(("gray", "ya8", "nv12", "nv21", "nv16", "nv24", "yuyv422", "uyvy422"), 8),
    **dict(_planar(("yuv420p", "yuv422p", "yuv444p"), (9, 10, 12, 14, 16))),
    **dict(_planar(("yuv440p",), (10, 12))),
    **dict(_planar(("yuva420p", "yuva422p", "yuva444p"), (9, 10, 16))),
    **dict(_planar(("yuva422p", "yuva444p"), (12,))),
    **dict(_planar(("gray",), (9, 10, 12, 14, 16))),
    **dict.fromkeys((*SHIFTED, "p016le", "p216le", "p416le", "ya16le", "ya16be"), 16),
    "nv20le": 10,
}
"""Bits of the samples of luma, by FFmpeg's names of the pixel formats with a luma that can be enhanced."""
RGB_BITS: dict[str, int] = {
    **dict.fromkeys(("gbrp", "gbrap", "rgb24", "bgr24", "rgba", "bgra", "argb", "abgr"), 8),
    **dict.fromkeys(("rgb0", "bgr0", "0rgb", "0bgr"), 8),
    **dict(_planar(("gbrp",), (9, 10, 12, 14, 16))),
    **dict(_planar(("gbrap",), (10, 12, 14, 16))),
    **{f"{kind}{end}": 16 for kind in ("rgb48", "bgr48", "rgba64", "bgra64") for end in ("le", "be")},
}
"""The same of R, G and B, for the pixel formats of lossless codecs."""
BITS = {**LUMA_BITS, **RGB_BITS}


def plane(frame: VideoFrame, index: int = 0) -> NDArray[Any]:
    """A view of one component, H x W, uint8 or uint16, through which to write; `make_writable` the frame before.

    Components are Y, U, V or R, G, B, and alpha last, whichever way the pixel format stores them.
    """
    name = frame.format.name
    component = frame.format.components[index]
    number, offset, step = INTERLEAVED[name][index] if name in INTERLEAVED else (component.plane, 0, 1)
    one = frame.planes[number]
    dtype = np.dtype(np.uint8 if component.bits == 8 else ">u2" if name.endswith("be") else "<u2")
    samples = np.frombuffer(one, dtype)[offset:]  # type: ignore[call-overload]
    height, width, row = component.height, component.width, one.line_size // dtype.itemsize
    # Less than whole rows may lie behind the last one.
    assert (height - 1) * row + (width - 1) * step < samples.size
    strides = row * dtype.itemsize, step * dtype.itemsize
    return np.lib.stride_tricks.as_strided(samples, (height, width), strides)


def has_chroma(frame: VideoFrame) -> bool:
    """Whether there is chroma beside luma: then it is the second and third component."""
    return frame.format.name in LUMA_BITS and len(frame.format.components) > len(("luma", "alpha"))


def color_planes(frame: VideoFrame) -> list[NDArray[Any]]:
    """The views of luma alone, or of R, G and B where the frame has these; see `plane`."""
    return [plane(frame, index) for index in range(3 if frame.format.name in RGB_BITS else 1)]


def to_levels(luma: NDArray[Any], bits: int) -> NDArray[Any]:
    """H x W of so many bits as the pipeline's H x W x 1: uint8 as it is, more as uint16, the highest near 65535.

    Limited range stays limited: to stretch it would round, and what is not enhanced would not come back.
    """
    if bits == 8:
        return luma[..., None]
    levels: NDArray[Any] = np.left_shift(luma, 16 - bits, dtype=np.uint16)[..., None]
    return levels


def from_levels(levels: NDArray[Any], bits: int, zeros: int = 0) -> NDArray[Any]:
    """The reverse of `to_levels`, rounded so that so many low bits are 0; exact for levels that came from there."""
    if bits == 8:
        return levels[..., 0]
    down = 16 - bits + zeros
    if down == 0:
        return levels[..., 0]
    rounded = np.right_shift(levels[..., 0].astype(np.uint32) + (1 << (down - 1)), down)
    return np.left_shift(np.minimum(rounded, (1 << (bits - zeros)) - 1), zeros).astype(np.uint16)


def from_samples(values: NDArray[np.float32], bits: int, zeros: int = 0) -> NDArray[Any]:
    """Values in samples of so many bits, rounded to one whose low bits are 0, and clipped."""
    unit = 1 << zeros
    rounded = np.rint(values / unit).clip(0, (1 << (bits - zeros)) - 1)
    return rounded.astype(np.uint16) * np.uint16(unit)
