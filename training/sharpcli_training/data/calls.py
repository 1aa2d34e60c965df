"""Makes a pack of calls: crops of two frames that follow one another, coded as endpoints do, and as they should be."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli.measure.cores import cores
from sharpcli_training.data.camera import Camera, Planes
from sharpcli_training.data.clips import SUFFIXES
from sharpcli_training.data.coded_video import CODECS, coded_planes, rate_of_call
from sharpcli_training.data.derived import remove_stale
from sharpcli_training.data.footage import clip_frames, still_frames
from sharpcli_training.data.sources import find_images, is_held_out, photograph

CROP = 128
FRAMES = 2
SCALES = ((1.0, 0.34), (1.5, 0.2), (2.0, 0.28), (3.0, 0.18))
"""How much smaller than the reference frames are sent, and how often."""
CODED = 14
"""Frames of a run: after fewer, encoders still save what the first frame cost them."""
UNTOUCHED = 0.1
CAMERAS = 0.45
"""Share of the runs that a webcam saw first; the rest is as clean as the originals."""
BAR = 64
"""Columns at a clip's left that no crop is taken from: some have a black bar there."""


@dataclass(frozen=True)
class CallPlan:
    """How a pack of calls is made; the same plan on the same files gives the same pairs."""

    runs: int
    """Of consecutive frames; those of clips are as many as those of stills."""
    crops: int = 8
    """Of each run."""
    seed: int = 0


def make_calls(
    clips: Path, stills: Path | None, out: Path, plan: CallPlan, report: Callable[[int, int], None]
) -> dict[str, int]:
    """Write a pack of luma pairs (see `prepare`) whose card says `frames`: so many in a row follow one another.

    Of both folders one file in ten is held out, by its name. Raises SharpError where there are no clips.
    """
    films = sorted(path for path in clips.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not films:
        raise SharpError(f"{clips} has no clips; give a folder of {', '.join(sorted(SUFFIXES))} files")
    images = list(find_images(stills)) if stills else []
    jobs = [(_source(films, images, number), plan, number) for number in range(plan.runs)]
    held = {path for path in (*films, *images) if is_held_out(photograph(path.name))}
    pairs: dict[str, list[NDArray[np.uint8]]] = {"train": [], "val": []}
    kinds = []
    with ProcessPoolExecutor(cores(), get_context("spawn")) as pool:
        for number, (cut, kind) in enumerate(pool.map(_run, jobs, chunksize=4)):
            split = "val" if jobs[number][0] in held else "train"
            pairs[split].append(cut)
            kinds += [kind] * len(cut) if split == "val" else []
            report(number + 1, plan.runs)
    out.mkdir(parents=True, exist_ok=True)
    (out / "pack.json").unlink(missing_ok=True)
    counts = {}
    for split, cuts in pairs.items():
        counts[split] = sum(map(len, cuts))
        (out / f"{split}.npy").unlink(missing_ok=True)
        if counts[split]:
            np.save(out / f"{split}.npy", np.concatenate(cuts))
    if not counts["train"]:
        raise SharpError(f"no frame of {clips} has {CROP} pixels a side")
    card = {"profile": "call", "frames": FRAMES, **asdict(plan), **counts, "clips": len(films), "images": len(images)}
    card |= {"folders": Counter(path.parent.name for path in (*films, *images)), "val_kinds": kinds}
    with whole_file(out / "pack.json") as file:
        file.write((json.dumps(card, indent=2) + "\n").encode())
    remove_stale(out)
    return counts


def _source(films: Sequence[Path], images: Sequence[Path], number: int) -> Path:
    """Clips and stills in turn."""
    if images and number % 2:
        return images[number // 2 * len(images) * 7 // 11 % len(images)]
    return films[(number // 2 if images else number) % len(films)]


def _run(job: tuple[Path, CallPlan, int]) -> tuple[NDArray[np.uint8], str]:
    """The pairs of one run, 2 crops x FRAMES x 128 x 128 x 1, and what it went through."""
    path, plan, number = job
    rng = np.random.default_rng([plan.seed, number])
    per_second = int(rng.integers(10, 31))
    if path.suffix.lower() in SUFFIXES:
        frames = clip_frames(path, float(rng.random()), max(1, round(27 / per_second)), CODED)
    else:
        frames = still_frames(path, CODED, rng)
    if len(frames) < FRAMES or min(frames[0][0].shape) < CROP:
        return np.empty((0, 2, CROP, CROP, 1), np.uint8), "none"
    if rng.random() < UNTOUCHED:
        kind, due = "untouched", frames[-FRAMES:]
        came = [planes[0] for planes in due]
    else:
        kind, came, due = _called(frames, per_second, rng)
    pairs = np.stack([np.stack([_full(now), _full(planes[0])]) for now, planes in zip(came, due, strict=True)])
    height, width = pairs.shape[2:]
    left = BAR if width >= CROP + 2 * BAR else 0
    cuts = []
    for _ in range(plan.crops):
        # Of two places the one where there is more to see.
        places = [(rng.integers(height - CROP + 1), rng.integers(left, width - CROP + 1)) for _ in range(2)]
        crops = [pairs[:, :, top : top + CROP, at : at + CROP] for top, at in places]
        cuts.append(max(crops, key=lambda crop: crop[0, 1].std()))
    return np.concatenate(cuts)[..., None], kind


def _called(
    frames: Sequence[Planes], per_second: int, rng: np.random.Generator
) -> tuple[str, list[NDArray[np.uint8]], list[Planes]]:
    """What it was, the last frames' luma as it is shown, and these frames as they should be."""
    if rng.random() < CAMERAS:
        camera = Camera.drawn(rng)
        frames = [camera.lit(planes) for planes in frames]
        seen = [camera.seen(planes, rng) for planes in frames]
    else:
        seen = list(frames)
    scales, shares = zip(*SCALES, strict=True)
    scale = float(rng.choice(scales, p=shares))
    codec = str(rng.choice(list(CODECS)))
    shrink = Image.Resampling.BOX if rng.random() < 0.5 else Image.Resampling.BILINEAR
    enlarge = Image.Resampling.BILINEAR if rng.random() < 0.6 else Image.Resampling.BICUBIC
    height, width = frames[0][0].shape
    sent = (round(width / scale / 2) * 2, round(height / scale / 2) * 2)
    small = [_joined([_resized(plane, sent, shrink, index) for index, plane in enumerate(planes)]) for planes in seen]
    decoded = coded_planes(small, codec, rate_of_call(sent[0] * sent[1], float(rng.random())), per_second)
    came = [_resized(rows[: sent[1]], (width, height), enlarge) for rows in decoded[-FRAMES:]]
    return f"{codec} scale {scale:g}", came, list(frames[-FRAMES:])


def _resized(
    plane: NDArray[np.uint8], size: tuple[int, int], how: Image.Resampling, index: int = 0
) -> NDArray[np.uint8]:
    size = (size[0] // 2, size[1] // 2) if index else size
    return np.asarray(Image.fromarray(plane).resize(size, how))


def _joined(planes: Planes) -> NDArray[np.uint8]:
    return np.concatenate([plane.ravel() for plane in planes]).reshape(-1, planes[0].shape[1])


def _full(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A video's levels, 16 to 235, as those of an image."""
    return np.rint((luma.astype(np.float32) - 16) * 255 / 219).clip(0, 255).astype(np.uint8)
