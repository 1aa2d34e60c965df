"""Makes a pack of calls: frames that follow one another as a call delivers them, and their references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli.measure.cores import cores
from sharpcli_training.data.call_index import FRAMES, Call, write_calls
from sharpcli_training.data.call_run import LEAST, make_run
from sharpcli_training.data.clips import SUFFIXES
from sharpcli_training.data.sources import find_images

STRIDE = 7919
"""A prime, so that stills in turn are of different folders and each comes up once before any comes up again."""


@dataclass(frozen=True)
class CallPlan:
    """How a pack of calls is made; the same plan on the same files gives the same pack."""

    runs: int
    """Of consecutive frames; two thirds are of clips, the rest of stills that move."""
    quality: int = 90
    """Of the references, which are WebP images."""
    max_mib: float = 46.0
    """The pack stops growing here."""
    seed: int = 0


def make_calls(
    clips: Path, stills: Path | None, out: Path, plan: CallPlan, report: Callable[[int, int], None]
) -> dict[str, int]:
    """Write a pack of calls; returns how many runs there are to train on (`train`) and held out (`val`).

    Of both folders one file in ten is held out, by its name. Raises SharpError where there are no clips, and where
    nothing is large enough.
    """
    films = sorted(path for path in clips.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not films:
        raise SharpError(f"{clips} has no clips; give a folder of {', '.join(sorted(SUFFIXES))} files")
    images = list(find_images(stills)) if stills else []
    sources = [source(films, images, number) for number in range(plan.runs)]
    out.mkdir(parents=True, exist_ok=True)
    calls: list[Call] = []
    with whole_file(out / FRAMES) as file:
        for call, data in _made(sources, plan, report):
            if file.tell() + len(data) > plan.max_mib * 2**20:
                break
            calls.append(replace(call, offset=file.tell()))
            file.write(data)
        counts = Counter(call.split for call in calls)
        if not counts["train"]:
            raise SharpError(f"no frame of {clips} has {LEAST} pixels a side; give larger ones, or a larger --max-mib")
    folders = Counter(path.parent.name for path in (*films, *images))
    card = {"profile": "call", **asdict(plan), "train": counts["train"], "val": counts["val"], "sets": dict(folders)}
    write_calls(out, card, calls)
    return {"train": counts["train"], "val": counts["val"]}


def source(films: Sequence[Path], images: Sequence[Path], number: int) -> Path:
    """What a run is of: two clips, then a still, and so on."""
    turn, place = divmod(number, 3)
    if images and place == 2:
        return images[turn * STRIDE % len(images)]
    return films[(2 * turn + place if images else number) % len(films)]


def _made(sources: Sequence[Path], plan: CallPlan, report: Callable[[int, int], None]) -> Iterator[tuple[Call, bytes]]:
    """The runs in their order, made on all cores; without those whose source is too small."""
    quality, seeds = [plan.quality] * len(sources), [(plan.seed, number) for number in range(len(sources))]
    with ProcessPoolExecutor(cores(), get_context("spawn")) as pool:
        for number, made in enumerate(pool.map(make_run, sources, quality, seeds, chunksize=4)):
            report(number + 1, len(sources))
            if made is not None:
                yield made
