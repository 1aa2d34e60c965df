"""What an enhancer is shown of a frame, and how the result gets back into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from sharpcli.plugin.enhancer import Enhancer
from sharpcli.video.matrix import Matrix, to_rgb
from sharpcli.video.planes import BITS, SHIFTED, color_planes, from_levels, from_samples, has_chroma, to_levels

if TYPE_CHECKING:
    from av import VideoFrame


@dataclass(frozen=True)
class Picture:
    """Some rows of a frame as `pixels` for the pipeline, H x W x 1 or 3, uint8 or uint16, copied.

    One channel is luma as it is coded: limited range is not stretched. The networks gain as much with it as with
    stretched levels or more, and what they do not change stays bit for bit. Three are R, G and B, of a frame that has
    these or, for an enhancer of RGB, by the stream's own matrix.
    """

    pixels: NDArray[Any]
    _frame: VideoFrame
    _rows: slice
    _matrix: Matrix | None = None
    """Where luma was shown as RGB."""

    @classmethod
    def of(cls, frame: VideoFrame, rows: slice, enhancer: Enhancer) -> Self:
        """Those rows as this enhancer wants them; raises ImageError where their colours cannot be converted."""
        if enhancer.color == "rgb" and has_chroma(frame):
            matrix = Matrix.of(frame)
            return cls(to_rgb(frame, matrix, rows), frame, rows, matrix)
        bits = BITS[frame.format.name]
        levels = [to_levels(one[rows], bits) for one in color_planes(frame)]
        pixels = np.array(levels[0], order="C") if len(levels) == 1 else np.concatenate(levels, axis=2)
        return cls(pixels, frame, rows)

    def put(self, result: NDArray[Any]) -> None:
        """Write what became of the pixels into the frame: of RGB that was converted, the change of luma alone."""
        name = self._frame.format.name
        bits, zeros = BITS[name], SHIFTED.get(name, 0)
        planes = [one[self._rows] for one in color_planes(self._frame)]
        if self._matrix is None:
            for index, one in enumerate(planes):
                one[...] = from_levels(result[..., index : index + 1], bits, zeros)
            return
        change = self._matrix.change_of_luma(self.pixels, result)
        planes[0][...] = from_samples(planes[0] + change, bits, zeros)
