"""Turns folders of images into packs: training pairs, decoded and degraded once, read as memory maps."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from sharpcli.errors import ImageError, SharpError
from sharpcli.files.formats import FORMATS
from sharpcli.image.image import Pixels, in_8_bits
from sharpcli.image.read import read_image
from sharpcli_training.data.degradations import CROP, MARGIN, PROFILES
from sharpcli_training.data.originals import is_held_out, photograph


@dataclass(frozen=True)
class Cut:
    """The pairs of one image."""

    pairs: Pixels
    """N x 2 x 128 x 128 x 3: input, reference."""
    kinds: list[str]
    """What each input went through."""
    color: bool


@dataclass(frozen=True)
class PreparePlan:
    """How a pack is made; the same plan on the same images gives the same bytes."""

    profile: str
    crops: int = 10
    repeats: int = 1
    seed: int = 0


def prepare(
    sources: Sequence[Path], out: Path, plan: PreparePlan, report: Callable[[int, int], None]
) -> dict[str, int]:
    """Write `train.npy` and `val.npy`, uint8 N x 2 x 128 x 128 x 3 (input, reference), and `pack.json` under `out`.

    `sources` are searched with their subfolders (DIV2K's `DIV2K_train_HR` or any other). One photograph in ten is held
    out for validation, by the names of its files, so it stays so when others are added. Pairs of grey images come after
    those with colour. `report(done, total)` is called after each image. Returns how many pairs and images are what.
    Raises SharpError when there is nothing to learn from.
    """
    found = [(source, path) for source in sources for path in find_images(source)]
    images = [path for _, path in found]
    held = {path for path in images if is_held_out(photograph(path.name))}
    splits = {"train": [p for p in images if p not in held], "val": [p for p in images if p in held]}
    out.mkdir(parents=True, exist_ok=True)
    done = 0
    counts = dict.fromkeys(("train", "val", "train_color", "val_color", "grey_images"), 0)
    kinds: dict[bool, list[str]] = {True: [], False: []}
    # Spawned, not forked: a fork of a process that already runs torch's threads can hang.
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for split, paths in splits.items():
            jobs = [(path, plan, index) for index, path in enumerate(paths)]
            chunks: dict[bool, list[Path]] = {True: [], False: []}
            for index, cut in enumerate(pool.map(_cut_pairs, jobs, chunksize=4)):
                done += 1
                report(done, len(images))
                counts["grey_images"] += not cut.color
                counts[f"{split}_color"] += len(cut.pairs) * cut.color
                if len(cut.pairs):
                    chunks[cut.color].append(out / f".{split}-{index}.npy")
                    np.save(chunks[cut.color][-1], cut.pairs)
                if split == "val":
                    kinds[cut.color] += cut.kinds
            counts[split] = _join(chunks[True] + chunks[False], out / f"{split}.npy")
    if not counts["train"]:
        raise SharpError(f"no image of at least {CROP + MARGIN} pixels a side in {', '.join(map(str, sources))}")
    folders = Counter(path.parent.name for path in images)
    card = {**asdict(plan), **counts, "images": len(images), "folders": dict(folders)}
    card["held_out"] = [path.relative_to(source).as_posix() for source, path in found if path in held]
    card["val_kinds"] = kinds[True] + kinds[False]
    (out / "pack.json").write_text(json.dumps(card, indent=2) + "\n")
    return counts


def find_images(source: Path) -> Iterator[Path]:
    """The images below a folder, in a fixed order; raises SharpError when the folder does not exist."""
    if not source.is_dir():
        raise SharpError(f"{source} is not a folder; give a folder of sharp images")
    yield from sorted(path for path in source.rglob("*") if path.suffix.lower().lstrip(".") in FORMATS)


def _cut_pairs(job: tuple[Path, PreparePlan, int]) -> Cut:
    """The pairs of one image, all draws made from its own seed."""
    path, plan, index = job
    rng = np.random.default_rng([plan.seed, index])
    pixels = _rgb(path)
    color = bool((pixels != pixels[..., :1]).any())
    side = CROP + MARGIN
    height, width = pixels.shape[:2]
    if min(height, width) < side:
        return Cut(np.empty((0, 2, CROP, CROP, 3), np.uint8), [], color)
    crops = min(plan.crops, max(1, height * width // CROP**2))
    pairs, kinds = [], []
    for _ in range(crops):
        y, x = rng.integers(0, height - side + 1), rng.integers(0, width - side + 1)
        window = pixels[y : y + side, x : x + side]
        for _ in range(plan.repeats):
            degraded, reference, kind = PROFILES[plan.profile](window, rng)
            pairs.append((degraded, reference))
            kinds.append(kind)
    return Cut(np.array(pairs), kinds, color)


def _rgb(path: Path) -> Pixels:
    try:
        image = read_image(path)
    except ImageError as error:
        raise SharpError(f"{path} {error}; mend or remove it") from error
    if image.mode == "CMYK":
        raise SharpError(f"{path} is CMYK; training wants RGB or grey")
    colors = in_8_bits(image.pixels)[..., : 1 if image.mode in ("L", "LA") else 3]
    return np.broadcast_to(colors, (*colors.shape[:2], 3)) if colors.shape[2] == 1 else colors


def _join(chunks: Sequence[Path], path: Path) -> int:
    """Concatenate the chunks on disk, so that a pack larger than memory is no problem; returns the number of pairs."""
    total = sum(len(np.load(chunk, mmap_mode="r")) for chunk in chunks)
    joined = open_memmap(path, "w+", np.uint8, (total, 2, CROP, CROP, 3)) if total else None
    start = 0
    for chunk in chunks:
        pairs = np.load(chunk)
        assert joined is not None
        joined[start : start + len(pairs)] = pairs
        start += len(pairs)
        chunk.unlink()
    return total
