"""Compares enhancers on a few frames of a clip: each frame a comparison of its own, enhanced as the clip would be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sharpcli.compare.compare import Comparison, Enhanced, lined_up, scored
from sharpcli.errors import ImageError
from sharpcli.files.paths import first_bytes, is_file
from sharpcli.files.unsupported import is_clip
from sharpcli.image.image import Image, Pixels
from sharpcli.pipeline.spec import EnhancerSpec
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.scoring.clips.motion import rgb_of_frame
from sharpcli.scoring.clips.score import score_clips
from sharpcli.scoring.metrics import Psnr
from sharpcli.video.clip import opened
from sharpcli.video.frames import FrameEnhancer, decide
from sharpcli.video.still import frame_at

if TYPE_CHECKING:
    from av import VideoFrame


def is_a_clip(path: Path) -> bool:
    """Whether a file is a clip, and so is compared here."""
    return is_clip(path, first_bytes(path) if is_file(path) else b"")


def times_to_show(path: Path, count: int, reference: Path | None, convention: str) -> list[float]:
    """So many times in seconds, evenly spread, and with a reference the middle of the worst second among them.

    Raises ImageError, which names the file.
    """
    try:
        with opened(path) as clip:
            start = clip.begin
            length = clip.seconds or 0.0
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error
    times = [start + length * (number + 0.5) / count for number in range(count)]
    if reference is None:
        return times
    seconds = score_clips(path.stem, path, reference, None, convention, (Psnr(),)).seconds
    worst = min(seconds, key=lambda second: second.result["psnr"])
    parts = [int(part) for part in worst.name.split(":")]
    middle = start + min(
        sum(part * 60**place for place, part in enumerate(reversed(parts))) + 0.5, max(0.0, length - 0.05)
    )
    nearest = min(range(count), key=lambda number: abs(times[number] - middle))
    return [*times[:nearest], middle, *times[nearest + 1 :]]


def compared_frames(
    path: Path,
    times: Sequence[float],
    enhancers: Sequence[tuple[EnhancerSpec, Enhancer]],
    reference: Path | None,
    convention: str,
    upscale: float,
    strength: float,
) -> Iterator[tuple[float, Comparison]]:
    """The time of each frame and its comparison; what is chosen for the clip is chosen once. Raises SharpError."""
    decided = [(spec, decide(path, enhancer, upscale)) for spec, enhancer in enhancers]
    untouched = FrameEnhancer(decided[0][1], 0, upscale=upscale)
    for moment in times:
        frame = partial(frame_at, path, moment)
        at = float(frame().time or 0)
        original = _seen(frame_at(reference, at)) if reference else None
        results = (
            _enhanced(spec, FrameEnhancer(one, strength, upscale=upscale, reuse=False), frame) for spec, one in decided
        )
        before = Image(_seen(untouched(frame())), "RGB")
        yield at, scored(lined_up(before, results, original, upscale, strength), convention)


def _enhanced(spec: EnhancerSpec, enhance: FrameEnhancer, frame: Callable[[], VideoFrame]) -> Enhanced:
    # Once before its time is taken, so that loading weights and compiling for the size do not count.
    enhance(frame())
    mine = frame()
    began = time.perf_counter()
    result = enhance(mine)
    seconds = time.perf_counter() - began
    return Enhanced(spec.label, Image(_seen(result), "RGB"), seconds)


def _seen(frame: VideoFrame) -> Pixels:
    """A frame upright, as RGB of 8 bits."""
    upright: NDArray[np.uint8] = np.ascontiguousarray(np.rot90(rgb_of_frame(frame), frame.rotation // 90))
    return upright
