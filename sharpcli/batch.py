"""Plans a folder's pictures, runs them on a pool, and tells what became of each."""

from __future__ import annotations

import fnmatch
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli.pictures import FORMATS, Picture, read_picture, write_picture

REFUSED = {"gif", "heic", "heif", "avif", "jxl", "jp2", "ppm", "pgm", "tga", "psd", "dng", "cr2", "cr3", "nef", "arw"}
"""Endings of pictures that are refused in words: passing over them in silence would look like success."""


@dataclass(frozen=True)
class Item:
    """One picture to do."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Outcome:
    """What became of an item: `status` is done, skipped, failed or not reached.

    `reason` says why, or is a remark on a done one; sizes are width and height, `thumbnails` small WebP files before
    and after. What is not known is None or 0.
    """

    item: Item
    status: str
    reason: str = ""
    megapixels: float = 0.0
    size: tuple[int, int] | None = None
    out_size: tuple[int, int] | None = None
    in_bytes: int = 0
    out_bytes: int = 0
    seconds: float = 0.0
    thumbnails: tuple[bytes, bytes] | None = None


@dataclass
class Summary:
    """All outcomes of a batch so far and the seconds it took."""

    outcomes: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False

    def failures(self) -> list[Outcome]:
        """The failed ones, by path."""
        return sorted((o for o in self.outcomes if o.status == "failed"), key=lambda o: str(o.item.source))

    def line(self) -> str:
        """The one line that says how it went."""
        counts = Counter(outcome.status for outcome in self.outcomes)
        speed = sum(outcome.megapixels for outcome in self.outcomes) / self.seconds if self.seconds else 0.0
        parts = [f"{counts['done']} done"]
        parts += [f"{counts['skipped']} skipped (already there)"] if counts["skipped"] else []
        parts += [f"{counts['failed']} failed"] if counts["failed"] else []
        stopped = "interrupted: " if self.interrupted else ""
        return f"{stopped}{', '.join(parts)} in {self.seconds:.1f} s ({speed:.2f} megapixels/s)"


def plan(
    inputs: Sequence[Path],
    out: Path | None,
    *,
    suffix: str,
    recursive: bool = True,
    glob: str = "*",
    format: str | None = None,
) -> list[Item]:
    """The items of these files and folders, subfolders mirrored below `out`.

    Without `out`, results go beside each input under its name plus `suffix`; for a single input file, `out` may be a
    file too. Raises SharpError when an input does not exist, when nothing is found, and when two inputs would share one
    output or an output would replace an input.
    """
    if out is not None and len(inputs) == 1 and inputs[0].is_file() and _is_file_name(out) and format is None:
        return _without_collisions([Item(inputs[0], out)])
    if out is not None and out.is_file():
        raise SharpError(f"{out} is a file; --out names a folder")
    items: list[Item] = []
    for source in inputs:
        if source.is_dir():
            named = source if source.name.strip(".") else source.resolve()
            base = out or named.with_name(named.name + suffix)
            found = _pictures_below(source, base, recursive, glob)
            items += [Item(path, base / _renamed(path.relative_to(source), format)) for path in found]
        elif source.exists():
            name = _renamed(Path(source.name), format)
            beside = source.with_name(f"{name.stem}{suffix}{name.suffix}")
            items.append(Item(source, out / name if out else beside))
        else:
            raise SharpError(f"no such file or folder: {source}")
    if not items:
        raise SharpError(f"no pictures found in {', '.join(map(str, inputs))}")
    return _without_collisions(items)


def _is_file_name(path: Path) -> bool:
    return path.suffix.lower().lstrip(".") in FORMATS and not path.is_dir()


def _pictures_below(folder: Path, out: Path, recursive: bool, glob: str) -> list[Path]:
    found = []
    for parent, folders, names in os.walk(folder, onerror=_unreadable):
        # Results of an earlier run must not be sharpened again when they lie inside their own input.
        folders[:] = sorted(
            name
            for name in folders
            if recursive and name[0] != "." and (Path(parent) / name).resolve() != out.resolve()
        )
        for name in sorted(names):
            ending = Path(name).suffix.lower().lstrip(".")
            if name[0] != "." and (ending in FORMATS or ending in REFUSED) and fnmatch.fnmatch(name, glob):
                found.append(Path(parent) / name)
    return found


def _unreadable(error: OSError) -> None:
    """Raise instead of passing a folder over in silence, as os.walk does by itself."""
    raise SharpError(f"folder {error.filename} cannot be read ({error.strerror})") from error


def _renamed(path: Path, format: str | None) -> Path:
    return path if format is None else path.with_suffix(f".{format}")


def _without_collisions(items: list[Item]) -> list[Item]:
    """Give items whose targets differ only in the lost ending (a.jpg, a.png to a.webp) their whole source name."""
    shared = Counter(item.target for item in items)
    apart = [
        Item(item.source, item.target.with_name(f"{item.source.name}{item.target.suffix}"))
        if shared[item.target] > 1
        else item
        for item in items
    ]
    taken: dict[Path, Path] = {}
    sources = {item.source.resolve() for item in items}
    for item in apart:
        if other := taken.get(item.target):
            raise SharpError(f"{other} and {item.source} would both be written to {item.target}; run them apart")
        if item.target.resolve() in sources:
            raise SharpError(f"{item.target} is an input and would be overwritten; choose another output folder")
        taken[item.target] = item.source
    return apart


def run(
    items: Iterable[Item],
    function: Callable[[Picture], Picture],
    *,
    on_existing: str = "skip",
    quality: int | None = None,
    workers: int = 2,
    fail_fast: bool = False,
    progress: Callable[[Outcome], None] = lambda outcome: None,
) -> Summary:
    """Do every item and call `progress` after each; a failure ends only its own item, unless `fail_fast`.

    On Ctrl-C the pictures in flight are finished, the rest is left, and the summary says `interrupted`.
    """
    summary, began = Summary(), time.monotonic()
    waiting = iter(items)
    flying: set[Future[Outcome]] = set()
    submitted: list[Future[Outcome]] = []
    with ThreadPoolExecutor(workers) as pool:
        try:
            while True:
                # Only a few in flight: a folder of any length then needs no more memory than a short one.
                while len(flying) < 2 * workers and (item := next(waiting, None)) is not None:
                    submitted.append(pool.submit(_do, item, function, on_existing, quality))
                    flying.add(submitted[-1])
                if not flying:
                    break
                done, flying = wait(flying, return_when=FIRST_COMPLETED)
                for future in done:
                    summary.outcomes.append(future.result())
                    progress(summary.outcomes[-1])
                    if fail_fast and summary.outcomes[-1].status == "failed":
                        waiting = iter(())
        except KeyboardInterrupt:
            summary.interrupted = True
            # Counted anew: the interrupt may have come between a picture's end and its entry in the list.
            summary.outcomes = [future.result() for future in submitted if not future.cancel()]
    summary.seconds = time.monotonic() - began
    return summary


def _do(item: Item, function: Callable[[Picture], Picture], on_existing: str, quality: int | None) -> Outcome:
    if item.target.exists() and on_existing == "skip":
        return Outcome(item, "skipped")
    try:
        result = function(read_picture(item.source))
        write_picture(result, item.target, **({} if quality is None else {"quality": quality}))
    except SharpError as error:
        return Outcome(item, "failed", str(error))
    # A mistake of ours must not cost the user the rest of the folder; it is named as such.
    except Exception as error:
        return Outcome(item, "failed", f"internal error, please report it ({type(error).__name__}: {error})")
    return Outcome(item, "done", megapixels=result.pixels.shape[0] * result.pixels.shape[1] / 1e6)
