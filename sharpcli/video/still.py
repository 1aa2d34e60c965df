"""A single frame of a clip as it is seen: what a report shows of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.video.clip import in_words, opened

if TYPE_CHECKING:
    from av import VideoFrame


def middle_frame(path: Path) -> NDArray[Any]:
    """The frame in the middle of a clip, upright, H x W x 3, uint8, RGB; raises ImageError."""
    with opened(path) as clip:
        moment = clip.begin + (clip.seconds or 0) / 2
    found = frame_at(path, moment)
    return np.rot90(found.to_ndarray(format="rgb24"), found.rotation // 90)


def frame_at(path: Path, moment: float) -> VideoFrame:
    """The first frame from a time in seconds on, give or take a container's tick, or the last; raises ImageError."""
    with opened(path) as clip, in_words():
        video, found = clip.video, None
        tick = float(video.time_base or 0)
        if clip.seconds and tick:
            clip.container.seek(int(moment / tick), stream=video)
        for found in clip.container.decode(video):
            if found.time is None or found.time >= moment - tick:
                break
        if found is None:
            raise ImageError("holds no frame that can be decoded")
        return found
