"""A clip from file to file: decode, enhance and encode side by side, in segments that outlast a killed run."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.errors import ImageError
from sharpcli.files.atomic import PREFIX, SUFFIX, in_place
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.video.ahead import ahead
from sharpcli.video.clip import opened
from sharpcli.video.coding import Coding
from sharpcli.video.frames import FrameEnhancer, decide, decoded, enhanced
from sharpcli.video.mux import muxed
from sharpcli.video.segments import CONTAINER, encoded, last_shown

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
) -> tuple[str, ...]:
    """Write `source` to `target` with its video enhanced and all else copied; returns notes of what is not carried over.

    A run that was killed is gone on with where its last whole segment ended, if `settings`, the file and its encoding
    are the same. `progress` is told the time of each frame in seconds. Raises ImageError, OSError.
    """
    folder = _folder(source, target, how, {**(settings or {}), "strength": strength})
    folder.mkdir(parents=True, exist_ok=True)
    chosen = decide(source, enhancer)
    segments = sorted(folder.glob(f"*.{CONTAINER}"))
    with opened(source) as clip:
        frames = decoded(clip, last_shown(segments[-1]) if segments else None)
        results = ahead(enhanced(ahead(frames), FrameEnhancer(chosen, strength)))
        time_base = clip.video.time_base
        segments += encoded(_told(results, progress), how, time_base, clip.rate, folder, len(segments))
    if not segments:
        raise ImageError("holds no frame that can be decoded")
    part = folder / f"whole{SUFFIX}"
    with opened(source) as clip:  # anew: its other streams are read from the start
        notes = muxed(clip, segments, part, MUXERS[target.suffix.lower()])
    in_place(part, target)
    shutil.rmtree(folder)
    return notes


def _told(frames: Iterator[VideoFrame], progress: Progress) -> Iterator[VideoFrame]:
    for frame in frames:
        yield frame
        progress(frame.time or 0.0)


def _folder(source: Path, target: Path, how: Coding, settings: Mapping[str, Any]) -> Path:
    """The hidden folder of a clip's segments, another one for another file or other settings."""
    found = source.stat()
    about = [str(source.resolve()), found.st_size, found.st_mtime_ns, target.name, how.encoder, dict(how.options)]
    key = hashlib.sha256(json.dumps([*about, dict(settings)], sort_keys=True, default=str).encode()).hexdigest()[:16]
    folder = target.parent / f"{PREFIX}{key}.clip"
    with suppress(FileNotFoundError):
        for part in folder.glob(f"*{SUFFIX}"):
            part.unlink()
    return folder
