"""The progress of a batch on a terminal: all files in one bar, and a bar for each clip in progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic

from rich.markup import escape
from rich.progress import TaskID

from sharpcli.batch.clips import ClipProgress
from sharpcli.batch.job import Outcome
from sharpcli.batch.plan import Item
from sharpcli.cli.progress import files_bar
from sharpcli.files.clips import called_a_container
from sharpcli.files.names import shown
from sharpcli.files.remote import is_remote

CLIP_WEIGHT = 20
"""A byte of a clip stands for so many times the pixels that a byte of an image does."""


class BatchBar:
    """Shows what is done of a plan's items; its methods may be called from any thread."""

    def __init__(self, items: Sequence[Item], total: int) -> None:
        self.bar = files_bar()
        self._weights, self._done = weights(items), 0.0
        self._count, self._total, self._megapixels = 0, total, 0.0
        self._clips: dict[Path, _Clip] = {}
        self._lock = Lock()
        self._began = monotonic()
        whole = sum(self._weights.values()) + total - len(items)
        self._all = self.bar.add_task("", total=whole, text=f"0/{total}")

    def ended(self, outcome: Outcome, in_progress: Path | None) -> None:
        """Count a file that is done with, and name the one that has been under way for longest."""
        source = outcome.item.source
        with self._lock:
            if clip := self._clips.pop(source, None):
                self.bar.remove_task(clip.task)
            self._count += 1
            self._megapixels += outcome.megapixels
            self._done += self._weights.get(source, 1.0)
            self._show(escape(shown(in_progress.name)) if in_progress else "")

    def clip(self, progress: ClipProgress) -> None:
        """Show how far a clip is, in a bar of its own and in that of all."""
        source, length = progress.source, progress.length
        done = max(0.0, progress.seconds)
        with self._lock:
            if source not in self._clips:
                name = escape(shown(source.name))
                self._clips[source] = _Clip(self.bar.add_task(name, total=length, text=""), monotonic())
            clip = self._clips[source]
            clip.share = min(1.0, done / length) if length else 0.0
            self.bar.update(clip.task, completed=done, text=clip_text(progress, monotonic() - clip.began))
            self._show()

    def _show(self, name: str | None = None) -> None:
        partly = sum(clip.share * self._weights.get(source, 1.0) for source, clip in self._clips.items())
        text, seconds = f"{self._count}/{self._total}", monotonic() - self._began
        if self._count and seconds:
            text += f" {self._count / seconds:.1f}/s, {self._megapixels / seconds:.1f} MP/s"
        self.bar.update(self._all, completed=self._done + partly, text=text, description=name)


@dataclass
class _Clip:
    task: TaskID
    began: float
    share: float = 0.0


def clip_text(progress: ClipProgress, seconds: float) -> str:
    """How far a clip is, and how fast it went in the last so many seconds: 0:12 of 1:30, 24.1 frames/s."""
    of = f" of {clock(progress.length)}" if progress.length else ", length unknown"
    rate = f", {progress.frames / seconds:.1f} frames/s" if progress.frames and seconds else ""
    return f"{clock(max(0.0, progress.seconds))}{of}{rate}"


def weights(items: Sequence[Item]) -> dict[Path, float]:
    """How much of the work each file is likely to be: 1 each, or by their sizes where there are clips among them."""
    if not any(called_a_container(item.source) for item in items):
        return dict.fromkeys((item.source for item in items), 1.0)
    found = {}
    for item in items:
        found[item.source] = 1.0
        with suppress(OSError):
            size = 1 if is_remote(item.source) else item.source.stat().st_size
            found[item.source] = float(size * (CLIP_WEIGHT if called_a_container(item.source) else 1))
    return found


def clock(seconds: float) -> str:
    """Seconds as 0:05, 12:30 or 1:02:03."""
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


@contextmanager
def batch_bar(items: Sequence[Item], total: int) -> Iterator[BatchBar]:
    """The bar, shown until the end."""
    shown_bar = BatchBar(items, total)
    with shown_bar.bar:
        yield shown_bar
