"""The work on one clip of a batch, and how far the clips in progress are."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sharpcli.batch.plan import Item
from sharpcli.errors import ImageError, SharpError
from sharpcli.files import clips as containers
from sharpcli.files.formats import ending_of, format_called
from sharpcli.files.paths import first_bytes
from sharpcli.files.remote import is_remote, put
from sharpcli.image.thumbnails import thumbnail
from sharpcli.pipeline.budget import Ceiling, Need, give_back
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.video.choice import HOLDS, chosen_coding
from sharpcli.video.clip import Clip, library, opened
from sharpcli.video.coding import Coding
from sharpcli.video.enhance import enhance_clip
from sharpcli.video.planes import BITS
from sharpcli.video.still import middle_frame

FRAMES_HELD = 64
"""Decoder, queues and encoder together hold about so many frames, measured as docs/video.md tells."""
FRAMES_KEPT = 200
"""After so many frames, what freed ones have left in the heaps of the threads is given back, or it would pile up."""


@dataclass(frozen=True)
class ClipJob:
    """What is done to the clips of a batch: the strength, and codec, quality and preset where they were chosen.

    A clip that was begun is gone on with only by a run with the same `settings`.
    """

    strength: float = 1.0
    codec: str | None = None
    crf: int | None = None
    preset: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def chosen(self) -> dict[str, Any]:
        """The options that were given, which an output folder remembers."""
        chosen = {"codec": self.codec, "crf": self.crf, "preset": self.preset}
        return {name: value for name, value in chosen.items() if value is not None}


@dataclass(frozen=True)
class ClipProgress:
    """How far a clip is: seconds of it that are done, its length (None: not known), and frames done in this run."""

    source: Path
    seconds: float
    length: float | None
    frames: int


class StoppedError(Exception):
    """A clip was stopped, and what is done of it is kept for the next run."""


class Watch:
    """Is told how far the clips in progress are, from any thread, and can stop them."""

    def __init__(self, tell: Callable[[ClipProgress], None] = lambda progress: None) -> None:
        self._tell = tell
        self.stopping = False
        self.begun: set[Path] = set()

    def __call__(self, progress: ClipProgress) -> None:
        """Take a clip's progress; raises StoppedError in the clip's thread where it is to end."""
        self.begun.add(progress.source)
        if self.stopping:
            raise StoppedError
        self._tell(progress)


@dataclass(frozen=True)
class ClipDone:
    """Of a clip that was done: notes, sizes (width, height) in pixels, frames done in this run, thumbnails."""

    notes: tuple[str, ...]
    size: tuple[int, int]
    out_size: tuple[int, int]
    frames: int
    thumbnails: tuple[bytes, bytes] | None


def do_clip(
    file: Path,
    item: Item,
    enhancer: Enhancer,
    how: ClipJob,
    space: Ceiling,
    watch: Watch,
    *,
    upscale: float = 1,
    thumbnails: bool = False,
) -> ClipDone:
    """Do a clip whose bytes are in `file`; raises SharpError, OSError, and StoppedError where `watch` stops it."""
    target = item.target
    with opened(file) as clip:
        container = _container(target, file)
        coding = _coding(clip, container, how)
        size, length = (clip.width, clip.height), clip.seconds
        tall, wide = (round(side * upscale) for side in (clip.height, clip.width))
        tile = space.tile(enhancer, tall, wide, BITS[clip.pixel_format] != 8)
        need = Need(0, round(FRAMES_HELD * _frame_bytes(clip) * upscale**2))
        begin = clip.begin
    frames = 0

    def tell(seconds: float) -> None:
        nonlocal frames
        frames += 1
        if frames % FRAMES_KEPT == 0:
            give_back()
        watch(ClipProgress(item.source, seconds - begin, length, frames))

    folder = Path(tempfile.gettempdir()) if is_remote(target) else target.parent
    with space.room(need, folder), _here(target) as local:
        watch(ClipProgress(item.source, 0.0, length, 0))
        notes = enhance_clip(
            file,
            local,
            enhancer,
            coding,
            strength=how.strength,
            settings=how.settings,
            progress=tell,
            tile=tile,
            container=container,
            upscale=upscale,
        )
        with opened(local) as made:
            out_size = made.width, made.height
        both = (_thumbnail(file), _thumbnail(local)) if thumbnails else None
    return ClipDone(notes, size, out_size, frames, both if both and all(both) else None)


def _container(target: Path, file: Path) -> str:
    """The container of a clip to write, by the ending of its target, else the clip's own; raises ImageError."""
    if format_called(target):
        raise ImageError(f"is a video clip, which a {target.suffix} cannot hold; use --format mp4, or rename it")
    ending = ending_of(target) if containers.called_a_container(target) else containers.container_of(first_bytes(file))
    if ending not in HOLDS:
        raise ImageError(f"would be written as .{ending}, which is only read; choose a container, such as --format mkv")
    return ending


def _coding(clip: Clip, container: str, how: ClipJob) -> Coding:
    had = clip.video.codec_context.codec.canonical_name
    return chosen_coding(had, clip.pixel_format, container, codec=how.codec, crf=how.crf, preset=how.preset)


def _frame_bytes(clip: Clip) -> int:
    planes = library().VideoFormat(clip.pixel_format, clip.width, clip.height).components
    return sum(int(one.width * one.height) * (1 if one.bits <= 8 else 2) for one in planes)


@contextmanager
def _here(target: Path) -> Iterator[Path]:
    """Where to write a clip: the target itself, or a file that is sent there at the end."""
    if not is_remote(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        yield target
        return
    with tempfile.TemporaryDirectory(prefix="sharpcli-") as folder:
        local = Path(folder) / target.name
        yield local
        put(local, target)


def _thumbnail(path: Path) -> bytes:
    """A small WebP of the middle frame; nothing where it cannot be shown, which must not cost the user the clip."""
    try:
        return thumbnail(middle_frame(path), "RGB")
    except SharpError:
        return b""
