"""A clip from file to file: decode, enhance, encode and write side by side, and go on where a killed run was."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.errors import ImageError
from sharpcli.pipeline.guard import finding
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.video.ahead import ahead
from sharpcli.video.clip import Clip, opened
from sharpcli.video.coding import Coding, encoder, lit, reorder_depth
from sharpcli.video.frames import FrameEnhancer, decide, decoded, enhanced
from sharpcli.video.inventory import missing
from sharpcli.video.mux import Muxer
from sharpcli.video.resume import IN_ORDER, Work, whole_packets, whole_times, work
from sharpcli.video.segments import DecodeTimes, encoded, rescaled

if TYPE_CHECKING:
    from av import VideoFrame

MUXERS = {
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mov": "mov",
    ".mkv": "matroska",
    ".webm": "webm",
    ".avi": "avi",
    ".ts": "mpegts",
}
"""FFmpeg's names of the containers by a file's ending."""
Progress = Callable[[float], None]


def enhance_clip(
    source: Path,
    target: Path,
    enhancer: Enhancer,
    how: Coding,
    *,
    strength: float = 1.0,
    settings: Mapping[str, Any] | None = None,
    progress: Progress = lambda seconds: None,
    tile: int | None = None,
    container: str | None = None,
    upscale: float = 1,
) -> tuple[str, ...]:
    """Write `source` to `target` with its video enhanced and all else copied; returns notes.

    They say what the enhancer found in the clip, and what is not carried over.

    A run that was killed is gone on with where its last whole segment ended, if `settings`, the file and its encoding
    are the same. `progress` is told the time of each frame in seconds; when it raises, what is done is kept as well.
    `tile` is as in `sharpen`; `upscale` enlarges before enhancing; `container` is an ending such as mkv, for a
    target without one. Raises ImageError, OSError.
    """
    format = MUXERS[f".{container}" if container else target.suffix.lower()]
    chosen = decide(source, enhancer, upscale)
    enhance = FrameEnhancer(chosen, strength, tile, upscale)
    with work(
        source, target, how, {**(settings or {}), "strength": strength, "upscale": upscale, "format": format}
    ) as unfinished:
        try:
            notes = _written(source, unfinished, format, how, enhance, progress)
        except ImageError:
            unfinished.remove()
            raise
        unfinished.finish(target)
    gc.collect()  # PyAV's frames that were asked for side data lie in cycles, and Python may not look for long
    return (*filter(None, [finding(chosen)]), *notes)


def _written(
    source: Path, unfinished: Work, format: str, how: Coding, enhance: FrameEnhancer, progress: Progress
) -> tuple[str, ...]:
    first = _first(source, enhance)
    how = lit(how, first)
    with ExitStack() as stack:
        clip, copied = (stack.enter_context(opened(source)) for _ in range(2))
        time_base = clip.video.time_base or Fraction(1, 1000)

        def make(frame: VideoFrame) -> Any:
            aspect = clip.video.sample_aspect_ratio
            order = clip.video.codec_context.field_order
            return encoder(how, frame, time_base, clip.rate, aspect, format not in IN_ORDER, order)

        if (first.pts or 0) < 0:
            raise ImageError("begins before zero, which the containers written here cannot; remux it first")
        sample = make(first)
        depth = reorder_depth(how, sample)
        muxer = Muxer(copied, unfinished.path, format, sample, first, depth)
        try:
            times = DecodeTimes(depth, max(1, rescaled(1, 1 / (clip.rate or Fraction(25)), muxer.time_base)))
            done = _taken_over(unfinished, muxer, times, clip)
            fresh = _Fresh(unfinished)
            with closing(ahead(enhanced(ahead(_behind(decoded(clip), done)), enhance))) as results:
                for packet in encoded(_told(results, progress), make, time_base, muxer.time_base, times, fresh):
                    muxer.write(packet)
            muxer.close()
        except BaseException:
            muxer.abandon()
            raise
    return (*muxer.notes, *missing(source, unfinished.path, muxer.carried))


def _first(source: Path, enhance: FrameEnhancer) -> VideoFrame:
    """The first frame as it will be encoded."""
    with opened(source) as clip:
        for frame in enhanced(decoded(clip), enhance):
            return frame
    raise ImageError("holds no frame that can be decoded")


def _taken_over(unfinished: Work, muxer: Muxer, times: DecodeTimes, clip: Clip) -> int:
    """Copy the whole segments of the run before; how many frames they are."""
    if unfinished.begun is None:
        return 0
    number = [one.index for one in clip.container.streams.video].index(clip.video.index)
    shown = whole_times(unfinished.begun, number)
    for moment in sorted(shown):
        times.shown(moment)
    for packet in whole_packets(unfinished.begun, len(shown), number):
        packet.dts = times.next()
        muxer.write(packet)
    return len(shown)


class _Fresh:
    """Removes the file of the run before as soon as nothing of it is held back in buffers any more."""

    def __init__(self, unfinished: Work) -> None:
        self._unfinished, self._segments = unfinished, 0

    def __call__(self) -> None:
        self._segments += 1
        if self._segments == 2:
            self._unfinished.forget_old()


def _behind(frames: Iterator[VideoFrame], number: int) -> Iterator[VideoFrame]:
    yield from islice(frames, number, None)


def _told(frames: Iterator[VideoFrame], progress: Progress) -> Iterator[VideoFrame]:
    for frame in frames:
        yield frame
        progress(frame.time or 0.0)
