"""Makes a pack of calls: frames that follow one another, coded as endpoints do, and as they should be."""

from __future__ import annotations

import io
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
from sharpcli_training.data.call_index import FRAMES, TOGETHER, Call, Line, write_calls
from sharpcli_training.data.camera import Camera, Planes
from sharpcli_training.data.clips import SUFFIXES
from sharpcli_training.data.coded_video import CODECS, coded_planes, rate_of_call
from sharpcli_training.data.footage import clip_frames, still_frames
from sharpcli_training.data.sources import find_images, is_held_out, photograph

SIDE, GRID = 384, 12
"""Largest side of what is kept of a frame, and what its place and sides are multiples of: whole pixels at all scales."""
SCALES = ((1.0, 0.34), (1.5, 0.2), (2.0, 0.28), (3.0, 0.18))
"""How much smaller than the reference frames are sent, and how often."""
CODED = 14
"""Frames of a run: after fewer, encoders still save what the first frame cost them."""
UNTOUCHED = 0.1
CAMERAS = 0.4
"""Share of the runs that a webcam saw first; the rest is as clean as the originals."""
BAR = 72
"""Columns at a clip's left that nothing is kept of: some have a black bar there."""
STRIDE = 7919
"""A prime, so that stills in turn are of different folders and each comes up once before any comes up again."""
LEAST = 144
"""Of both sides of what is kept."""
FILTERS = {"box": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


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

    Of both folders one file in ten is held out, by its name. Raises SharpError where there are no clips.
    """
    films = sorted(path for path in clips.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not films:
        raise SharpError(f"{clips} has no clips; give a folder of {', '.join(sorted(SUFFIXES))} files")
    images = list(find_images(stills)) if stills else []
    jobs = [(_source(films, images, number), plan, number) for number in range(plan.runs)]
    out.mkdir(parents=True, exist_ok=True)
    calls: list[Call] = []
    with whole_file(out / FRAMES) as file, ProcessPoolExecutor(cores(), get_context("spawn")) as pool:
        for number, made in enumerate(pool.map(_run, jobs, chunksize=4)):
            report(number + 1, plan.runs)
            if made is None:
                continue
            call, data = made
            if file.tell() + len(data) > plan.max_mib * 2**20:
                break
            calls.append(Call(**{**vars(call), "offset": file.tell()}))
            file.write(data)
    counts = Counter(call.split for call in calls)
    if not counts["train"]:
        raise SharpError(f"no frame of {clips} has {LEAST} pixels a side")
    folders = Counter(path.parent.name for path in (*films, *images))
    card = {"profile": "call", **asdict(plan), "train": counts["train"], "val": counts["val"], "sets": dict(folders)}
    write_calls(out, card, calls)
    return {"train": counts["train"], "val": counts["val"]}


def _source(films: Sequence[Path], images: Sequence[Path], number: int) -> Path:
    """Two clips, then a still, and so on."""
    turn, place = divmod(number, 3)
    if images and place == 2:
        return images[turn * STRIDE % len(images)]
    return films[(2 * turn + place if images else number) % len(films)]


def _run(job: tuple[Path, CallPlan, int]) -> tuple[Call, bytes] | None:
    """One run with its frames, or None where the source is too small; the offset is not known yet."""
    path, plan, number = job
    rng = np.random.default_rng([plan.seed, number])
    per_second = int(rng.integers(10, 31))
    clip = path.suffix.lower() in SUFFIXES
    if clip:
        frames = clip_frames(path, float(rng.random()), max(1, round(27 / per_second)), CODED)
    else:
        frames = still_frames(path, CODED, rng)
    if len(frames) < TOGETHER:
        return None
    height, width = frames[0][0].shape
    bar = BAR if clip and width >= 2 * BAR + LEAST else 0
    rows, columns = (min(side // GRID * GRID, SIDE) for side in (height, width - bar))
    if min(rows, columns) < LEAST:
        return None
    top, left = (
        int(rng.integers((room - side) // GRID + 1)) * GRID for room, side in ((height, rows), (width - bar, columns))
    )
    left += bar
    split = "val" if is_held_out(photograph(path.name)) else "train"
    if rng.random() < UNTOUCHED:
        line, came, due = Line(), None, frames[-TOGETHER:]
    else:
        line, came, due = _called(frames, per_second, rng)
    references = [_full(planes[0])[top : top + rows, left : left + columns] for planes in due]
    references_data = _webp(references, plan.quality)
    came_data = b""
    if came is not None:
        box = [round(side / line.scale) for side in (top, rows, left, columns)]
        came_data = _webp([_full(luma)[box[0] : box[0] + box[1], box[2] : box[2] + box[3]] for luma in came], None)
    name = photograph(path.name)
    call = Call(
        split=split, source=name, line=line, width=columns, height=rows, offset=0,
        came=len(came_data) or len(references_data), due=len(references_data) if came_data else 0,
    )  # fmt: skip
    return call, came_data + references_data


def _called(
    frames: Sequence[Planes], per_second: int, rng: np.random.Generator
) -> tuple[Line, list[NDArray[np.uint8]], list[Planes]]:
    """What the frames went through, the last ones' luma as it is decoded, and these frames as they should be."""
    camera = Camera.drawn(rng) if rng.random() < CAMERAS else None
    seen = list(frames)
    if camera:
        frames = [camera.lit(planes) for planes in frames]
        seen = [camera.seen(planes, rng) for planes in frames]
    scales, shares = zip(*SCALES, strict=True)
    scale = float(rng.choice(scales, p=shares))
    codec = str(rng.choice(list(CODECS)))
    shrink = "box" if rng.random() < 0.5 else "bilinear"
    enlarge = "bilinear" if rng.random() < 0.6 else "bicubic"
    height, width = frames[0][0].shape
    sent = (round(width / scale / 2) * 2, round(height / scale / 2) * 2)
    small = [
        _joined([_resized(plane, sent, FILTERS[shrink], index) for index, plane in enumerate(planes)])
        for planes in seen
    ]
    rate = rate_of_call(sent[0] * sent[1], float(rng.random()))
    decoded = coded_planes(small, codec, rate, per_second)
    pairs = [(rows[: sent[1]], was[: sent[1]]) for rows, was in zip(decoded, small, strict=True)][-TOGETHER:]
    error = np.sqrt(np.mean([np.square(came.astype(np.float32) - was) for came, was in pairs])) * 255 / 219
    line = Line(
        codec=codec,
        bits=rate / per_second / (sent[0] * sent[1]),
        error=float(error),
        scale=scale,
        shrink=shrink if scale > 1 else "",
        enlarge=enlarge if scale > 1 else "",
        noise=camera.noise if camera else 0.0,
        noise_width=camera.softness if camera else 0.0,
        sharpened=camera.sharpening / 100 if camera else 0.0,
    )
    return line, [came for came, _ in pairs], list(frames[-TOGETHER:])


def _webp(frames: Sequence[NDArray[np.uint8]], quality: int | None) -> bytes:
    """Frames one below the other; None for no loss."""
    data = io.BytesIO()
    image = Image.fromarray(np.concatenate(frames))
    image.save(data, "WEBP", lossless=quality is None, quality=70 if quality is None else quality, method=4)
    return data.getvalue()


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
