"""Frames composed by Pillow's decoders, through imageio."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, cast

import imageio.v3 as iio
import numpy as np

from sharpcli.image.codecs.base import as_stored
from sharpcli.image.image import Pixels


def composed(file: BinaryIO, mode: str, orientation: int = 1) -> Iterator[Pixels]:
    """What is seen during each frame of an open file, upright H x W x C; raises what Pillow raises.

    imageio is handed an open file and told its plugin, so that it looks nowhere else: for a name it would.
    """
    file.seek(0)
    with iio.imopen(file, "r", plugin="pillow") as frames:
        for pixels in frames.iter(mode=mode):  # type: ignore[call-arg]
            if orientation == 1:
                yield cast(Pixels, pixels)
                continue
            height, width, channels = pixels.shape
            upright = np.empty((width, height, channels) if orientation > 4 else pixels.shape, np.uint8)
            as_stored(upright, orientation)[...] = pixels
            yield upright
