"""A single frame of a clip as it is seen: what a report shows of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.video.clip import in_words, opened


def middle_frame(path: Path) -> NDArray[Any]:
    """The frame in the middle of a clip, upright, H x W x 3, uint8, RGB; raises ImageError."""
    with opened(path) as clip, in_words():
        video, found = clip.video, None
        begin = float((video.start_time or 0) * video.time_base)
        moment = begin + (clip.seconds or 0) / 2
        if clip.seconds:
            clip.container.seek(int(moment / video.time_base), stream=video)
        for found in clip.container.decode(video):
            if found.time is None or found.time >= moment:
                break
        if found is None:
            raise ImageError("holds no frame that can be decoded")
        return np.rot90(found.to_ndarray(format="rgb24"), found.rotation // 90)
