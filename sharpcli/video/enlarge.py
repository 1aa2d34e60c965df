"""Frames enlarged: luma as images are, chroma at its own places, so that colours do not shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.image.resample import resize
from sharpcli.video.chroma import factors, first_places, resampled
from sharpcli.video.planes import BITS, RGB_BITS, SHIFTED, from_levels, from_samples, plane, to_levels

if TYPE_CHECKING:
    from av import VideoFrame


def enlarged_frame(frame: VideoFrame, upscale: float) -> VideoFrame:
    """A new frame `upscale` times as large by bicubic interpolation, with the same times, colours and side data.

    Its sides are multiples of what the pixel format shares a chroma sample among. Raises ImageError for an interlaced
    one.
    """
    if frame.interlaced_frame:
        raise ImageError("is interlaced, which cannot be enlarged; deinterlace it first, with ffmpeg -vf bwdif")
    name = frame.format.name
    down, across = (max(sides) for sides in zip(*_factors(frame), strict=True))
    width, height = (
        round(side * upscale / unit) * unit for side, unit in ((frame.width, across), (frame.height, down))
    )
    # The quickest way to a frame of another size that has all that this one says of itself.
    result = frame.reformat(width=width, height=height, format=name, interpolation="POINT")
    for index, component in enumerate(frame.format.components):
        before, after = plane(frame, index), plane(result, index)
        bits, zeros = BITS[name], SHIFTED.get(name, 0)
        if index == 0 or name in RGB_BITS or component.is_alpha:
            after[...] = from_levels(
                resize(np.ascontiguousarray(to_levels(before, bits)), after.shape, "L"), bits, zeros
            )
        else:
            values = _chroma(frame, index, after.shape, (height / frame.height, width / frame.width))
            after[...] = from_samples(values, bits, zeros)
    return result


def _factors(frame: VideoFrame) -> list[tuple[int, int]]:
    return [factors(frame.format, index) for index in range(len(frame.format.components))]


def _chroma(frame: VideoFrame, index: int, size: tuple[int, ...], scale: tuple[float, float]) -> NDArray[np.float32]:
    """A component of chroma at the places that it has in a frame so many times as high and wide."""
    units, places = factors(frame.format, index), first_places(frame.format, index)
    # In samples of luma, the first result lies at (place + 0.5) / scale - 0.5.
    begin = [
        ((place + 0.5) / times - 0.5 - place) / unit for place, times, unit in zip(places, scale, units, strict=True)
    ]
    step = [1 / times for times in scale]
    return resampled(plane(frame, index), (size[0], size[1]), (step[0], step[1]), (begin[0], begin[1]))
