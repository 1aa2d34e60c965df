"""Turns folders of images into packs: training pairs, decoded and degraded once, read as memory maps."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from sharpcli.errors import ImageError, SharpError
from sharpcli.files.atomic import whole_file
from sharpcli.image.image import Pixels, in_8_bits
from sharpcli.image.read import read_image
from sharpcli.measure.cores import cores
from sharpcli_training.data.degradations import CROP, MARGIN, PROFILES
from sharpcli_training.data.derived import remove_stale
from sharpcli_training.data.sources import find_images, is_held_out, photograph

CARD, PARTS = "pack.json", ".parts"


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
    out for validation, by the names of its files, and what an image goes through is drawn from a hash of its content:
    neither changes when others are added. Pairs of grey images come after those with colour. A pack that is there is
    replaced at the end. `report(done, total)` is called after each image. Returns how many pairs and images are what.
    Raises SharpError when there is nothing to learn from.
    """
    found = [(source, path) for source in sources for path in find_images(source)]
    images = [path for _, path in found]
    held = {path for path in images if is_held_out(photograph(path.name))}
    splits = {"train": [p for p in images if p not in held], "val": [p for p in images if p in held]}
    if images and not splits["train"]:
        raise SharpError("all images are held out for validation, as one photograph in ten is by its name; add others")
    parts = out / PARTS
    shutil.rmtree(parts, ignore_errors=True)  # of a run that was killed
    parts.mkdir(parents=True)
    try:
        counts, kinds, chunks = _cut(splits, plan, parts, report)
        if not counts["train"]:
            raise SharpError(f"no image of at least {CROP + MARGIN} pixels a side in {', '.join(map(str, sources))}")
        # From here on it is another pack: until it is whole, there is none.
        (out / CARD).unlink(missing_ok=True)
        digests = {split: _join(chunks[split], out / f"{split}.npy") for split in splits}
    finally:
        shutil.rmtree(parts, ignore_errors=True)
    folders = Counter(path.parent.name for path in images)
    card = {**asdict(plan), **counts, "images": len(images), "folders": dict(folders)}
    card["sha256"] = {split: digest for split, digest in digests.items() if digest}
    card["held_out"] = [path.relative_to(source).as_posix() for source, path in found if path in held]
    card["val_kinds"] = kinds
    with whole_file(out / CARD) as file:
        file.write((json.dumps(card, indent=2) + "\n").encode())
    remove_stale(out)
    return counts


def _cut(
    splits: Mapping[str, Sequence[Path]], plan: PreparePlan, parts: Path, report: Callable[[int, int], None]
) -> tuple[dict[str, int], list[str], dict[str, list[Path]]]:
    """How many pairs and images are what, the kinds of the held-out pairs, and by split the files with its pairs."""
    done, total = 0, sum(map(len, splits.values()))
    counts = dict.fromkeys(("train", "val", "train_color", "val_color", "grey_images"), 0)
    kinds: dict[bool, list[str]] = {True: [], False: []}
    files: dict[str, list[Path]] = {}
    # Spawned, not forked: a fork of a process that already runs torch's threads can hang.
    with ProcessPoolExecutor(cores(), multiprocessing.get_context("spawn")) as pool:
        for split, paths in splits.items():
            chunks: dict[bool, list[Path]] = {True: [], False: []}
            for index, cut in enumerate(pool.map(_cut_pairs, [(path, plan) for path in paths], chunksize=4)):
                done += 1
                report(done, total)
                counts["grey_images"] += not cut.color
                counts[split] += len(cut.pairs)
                counts[f"{split}_color"] += len(cut.pairs) * cut.color
                if len(cut.pairs):
                    chunks[cut.color].append(parts / f"{split}-{index}.npy")
                    np.save(chunks[cut.color][-1], cut.pairs)
                if split == "val":
                    kinds[cut.color] += cut.kinds
            files[split] = chunks[True] + chunks[False]
    return counts, kinds[True] + kinds[False], files


def _cut_pairs(job: tuple[Path, PreparePlan]) -> Cut:
    """The pairs of one image, all draws made from its own content."""
    path, plan = job
    pixels = _rgb(path)
    rng = np.random.default_rng([plan.seed, int.from_bytes(hashlib.sha256(path.read_bytes()).digest())])
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


def _join(chunks: Sequence[Path], path: Path) -> str:
    """Concatenate the chunks on disk, so that a pack larger than memory is no problem; returns the pairs' SHA-256.

    Without any there is no file, and the answer is empty.
    """
    path.unlink(missing_ok=True)
    if not chunks:
        return ""
    total = sum(len(np.load(chunk, mmap_mode="r")) for chunk in chunks)
    digest, start = hashlib.sha256(), 0
    with whole_file(path) as file:
        joined = open_memmap(file.name, "w+", np.uint8, (total, 2, CROP, CROP, 3))
        for chunk in chunks:
            pairs = np.load(chunk)
            joined[start : start + len(pairs)] = pairs
            digest.update(pairs)
            start += len(pairs)
            chunk.unlink()
        joined.flush()
    return digest.hexdigest()
