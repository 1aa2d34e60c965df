"""Packs originals into one file of WebP images, small enough to carry to a machine with a GPU.

Each crop is degraded anew while a network learns; only what no tensor code does, WebP and video, is done here. One
photograph in ten is held out, with all its versions. Images are read and written by Pillow alone.
"""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli_training.data.encoded import Encoding, encoded
from sharpcli_training.data.pack_index import IMAGES, Coded, Entry, number_of, write_index
from sharpcli_training.data.sources import find_images, is_held_out, photograph


@dataclass(frozen=True)
class PackPlan:
    """What goes into a pack."""

    photographs: Path | None = None
    """A CSV with the columns `file` (below the folder) and `photograph`; without one, names tell: see `photograph`."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Part of the training images to take from a folder (its first level below the source)."""
    quality: int = 90
    max_mib: float = 46.0
    """The pack stops growing here."""
    validation: int = 40
    """Held-out crops, at most."""
    clips: Path | None = None
    """Video clips of which some frames are packed too; a clip counts as one photograph. Needs PyAV."""
    coded: int = 0
    """Training images that lie in the pack once more, degraded and coded; with any, all held-out ones do too."""
    video: bool = False
    """Whether a third of those are frames of videos instead of WebP. Needs PyAV."""
    seed: int = 0
    """Of what coded images went through."""


def pack_originals(source: Path, out: Path, plan: PackPlan, report: Callable[[int, int], None]) -> dict[str, Any]:
    """Write the pack of the images below `source` to the folder `out`; returns the card in its index.

    The same files and seed give the same pack. Raises SharpError for images that cannot be read, and when nothing is
    left to train on.
    """
    with tempfile.TemporaryDirectory(prefix="sharpcli-") as folder:
        names = _photographs(source, plan)
        paths = {file: source / file for file in names}
        if plan.clips is not None:
            from sharpcli_training.data.clips import clip_frames

            frames = clip_frames(plan.clips, Path(folder))
            names |= frames
            paths |= {file: Path(folder) / file for file in frames}
        entries, coded, full = _pack(paths, names, out, plan, report)
    counts = {split: sum(entry.split == split for entry in entries) for split in ("train", "val")}
    if not counts["train"]:
        raise SharpError(f"{source} has no images to train on; give a folder of sharp images")
    pixels = sum(entry.width * entry.height for entry in entries if entry.split == "train")
    card: dict[str, Any] = {**counts, "megapixels": round(pixels / 1e6, 1), "full": full, "quality": plan.quality}
    card["sets"] = {name: sum(entry.file.startswith(f"{name}/") for entry in entries) for name in _sets(entries)}
    if coded:
        card["coded"] = dict(sorted(Counter(one.codec for one in coded).items()))
    write_index(out, card, entries, coded)
    return card


def _pack(
    paths: Mapping[str, Path], names: Mapping[str, str], out: Path, plan: PackPlan, report: Callable[[int, int], None]
) -> tuple[list[Entry], list[Coded], bool]:
    """What was written, and whether there was more."""
    files = sorted(names, key=number_of)  # an order that is the same everywhere and mixes the folders
    held = [file for file in files if is_held_out(names[file])][: plan.validation]
    train = [file for file in files if not is_held_out(names[file]) and _taken(file, plan)]
    entries: list[Entry] = []
    coded: list[Coded] = []
    full = False
    with whole_file(out / IMAGES) as pack:
        for split, part in (("val", held), ("train", train)):
            count = plan.coded if split == "train" else len(held) * bool(plan.coded)
            how = Encoding(split == "val", plan.quality, count, plan.video, plan.seed)
            for file, one in zip(part, encoded(paths, part, how), strict=True):
                report(len(entries), len(held) + len(train))
                at, size = pack.tell(), len(one.data)
                if at + size + len(one.coded) > plan.max_mib * 2**20:
                    full = True
                    break
                entries.append(Entry(split, file, names[file], one.mode, *one.size, at, size))
                pack.write(one.data + one.coded)
                if one.coding is not None:
                    place = Coded(
                        **vars(one.coding), split=split, image=len(entries) - 1, offset=at + size, bytes=len(one.coded)
                    )
                    coded.append(place)
    return entries, coded, full


def _photographs(source: Path, plan: PackPlan) -> dict[str, str]:
    """Each image's photograph."""
    if plan.photographs is not None:
        try:
            with plan.photographs.open(newline="") as file:
                return {row["file"]: row["photograph"] for row in csv.DictReader(file)}
        except (OSError, KeyError) as error:
            raise SharpError(f"{plan.photographs} is not a CSV with the columns file and photograph") from error
    found = (path.relative_to(source).as_posix() for path in find_images(source))
    return {file: photograph(file) for file in found}


def _taken(file: str, plan: PackPlan) -> bool:
    share = plan.shares.get(file.partition("/")[0], 1.0)
    return number_of(f"share {file}") % 10_000 < 10_000 * share


def _sets(entries: list[Entry]) -> list[str]:
    return sorted({entry.file.partition("/")[0] for entry in entries if "/" in entry.file})
