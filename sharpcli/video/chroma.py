"""Where chroma samples lie between those of luma, and planes resampled so that colours stay in place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.image.resample import resize_plane

if TYPE_CHECKING:
    from av import VideoFormat

MARGIN = 4
"""Samples repeated around a plane: more than the kernel reaches, and than a plane is shifted."""


def factors(format: VideoFormat, index: int) -> tuple[int, int]:
    """How many samples of luma, down and across, there are for each one of a component."""
    if format.components[index].is_chroma:  # and subsampled, as PyAV has it
        return 64 // format.chroma_height(64), 64 // format.chroma_width(64)
    return 1, 1


def first_places(format: VideoFormat, index: int) -> tuple[float, float]:
    """Where a component's first sample lies, down and across, in samples of luma.

    Halfway between rows, and at the column of the first sample as MPEG-2, H.264 and all later codecs have it where they
    do not say otherwise, or halfway between columns as JPEG has it (ITU-T H.273, figure 1: types 0 and 1). PyAV does
    not tell what a stream says.
    """
    down, across = factors(format, index)
    return (down - 1) / 2, (across - 1) / 2 if format.name.startswith("yuvj") else 0.0


def resampled(
    samples: NDArray[Any], size: tuple[int, int], step: tuple[float, float], begin: tuple[float, float]
) -> NDArray[np.float32]:
    """H x W samples as float32 of `size` by bicubic interpolation, edges repeated; nothing is rounded or clipped.

    The first of the results lies `begin` behind the first sample, down and across, the next each a `step` further, both
    in samples of the plane.
    """
    # Pillow's box starts half a step before the first place, in a grid whose first sample is at 0.5.
    edges = [place + 0.5 - one / 2 for place, one in zip(begin, step, strict=True)]
    ends = [edge + count * one for edge, count, one in zip(edges, size, step, strict=True)]
    behind = [max(0, math.ceil(end) - length) + MARGIN for end, length in zip(ends, samples.shape, strict=True)]
    before = [max(0, math.ceil(-edge)) + MARGIN for edge in edges]
    wide = np.pad(samples.astype(np.float32), tuple(zip(before, behind, strict=True)), mode="edge")
    (top, left), (bottom, right) = (
        [place + margin for place, margin in zip(places, before, strict=True)] for places in (edges, ends)
    )
    return resize_plane(wide, size, box=(left, top, right, bottom))
