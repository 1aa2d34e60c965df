"""One run of frames of a pack of calls: cut from a clip or a still, seen by a camera, shrunk, and coded."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sharpcli_training.data.call_codecs import LEARNED, coded_planes, rate_of_call
from sharpcli_training.data.call_index import TOGETHER, Call, Line
from sharpcli_training.data.camera import Camera, Planes
from sharpcli_training.data.clips import SUFFIXES
from sharpcli_training.data.footage import clip_frames, still_frames
from sharpcli_training.data.sources import is_held_out, photograph

SIDE, GRID = 384, 12
"""Largest side of what is kept of a frame, and what its place and sides are multiples of: whole pixels at any scale."""
LEAST = 144
"""Of both sides of what is kept."""
BAR = 72
"""Columns at a clip's left that nothing is kept of: some have a black bar there."""
CODED = 14
"""Frames of a run: after fewer, encoders still save what the first frame cost them."""
UNTOUCHED = 0.15
RICH = 0.1
"""Share of the runs with more bits than calls have, up to as many times more as their range is wide: other clips."""
"""Share of the runs that nothing happens to."""
CAMERAS = 0.4
"""Share of the runs that a webcam saw first; the rest is as clean as the originals."""
SCALES = ((1.0, 0.34), (1.5, 0.2), (2.0, 0.28), (3.0, 0.18))
"""How much smaller than the reference frames are sent, and how often."""
SHRINK = {"box": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR}

Luma = NDArray[np.uint8]


@dataclass(frozen=True)
class Place:
    """What is kept of a frame, in pixels of the reference."""

    top: int
    left: int
    rows: int
    columns: int

    @classmethod
    def drawn(cls, height: int, width: int, bar: int, rng: np.random.Generator) -> Place | None:
        """Some place beside a bar of so many columns; None where there is too little room."""
        rows, columns = (min(side // GRID * GRID, SIDE) for side in (height, width - bar))
        if min(rows, columns) < LEAST:
            return None
        top, left = (
            int(rng.integers((room - side) // GRID + 1)) * GRID
            for room, side in ((height, rows), (width - bar, columns))
        )
        return cls(top, bar + left, rows, columns)

    def of(self, luma: Luma, scale: float = 1.0) -> Luma:
        """What is kept of a frame that is so many times smaller, in the levels of an image instead of a video's."""
        top, left, rows, columns = (round(side / scale) for side in (self.top, self.left, self.rows, self.columns))
        kept = luma[top : top + rows, left : left + columns].astype(np.float32)
        return np.rint((kept - 16) * 255 / 219).clip(0, 255).astype(np.uint8)


def make_run(path: Path, quality: int, seed: tuple[int, int]) -> tuple[Call, bytes] | None:
    """A run of frames of a clip or a still with their references, or None where it is too small.

    The references are WebP of that quality, 100 for no loss. The offset is not known yet. Raises SharpError for a clip
    that cannot be read.
    """
    rng = np.random.default_rng(seed)
    per_second = int(rng.integers(10, 31))
    clip = path.suffix.lower() in SUFFIXES
    if clip:
        frames = clip_frames(path, float(rng.random()), max(1, round(27 / per_second)), CODED)
    else:
        frames = still_frames(path, CODED, rng)
    if len(frames) < TOGETHER:
        return None
    height, width = frames[0][0].shape
    place = Place.drawn(height, width, BAR if clip and width >= 2 * BAR + LEAST else 0, rng)
    if place is None:
        return None
    if rng.random() < UNTOUCHED:
        line, references, degraded = Line(), frames, b""
    else:
        line, references, came = _called(frames, per_second, rng)
        degraded = _webp([place.of(luma, line.scale) for luma in came[-TOGETHER:]], None)
    reference = _webp([place.of(planes[0]) for planes in references[-TOGETHER:]], quality if quality < 100 else None)
    name = photograph(path.name)
    call = Call(
        split="val" if is_held_out(name) else "train",
        source=name,
        line=line,
        width=place.columns,
        height=place.rows,
        offset=0,
        came=len(degraded or reference),
        due=len(reference) if degraded else 0,
    )
    return call, degraded + reference


def _called(frames: list[Planes], per_second: int, rng: np.random.Generator) -> tuple[Line, list[Planes], list[Luma]]:
    """What the frames went through, their references, and the luma of each as it is decoded."""
    camera = Camera.drawn(rng) if rng.random() < CAMERAS else None
    references = [camera.lit(planes) for planes in frames] if camera else frames
    seen = [camera.seen(planes, rng) for planes in references] if camera else frames
    scales, shares = zip(*SCALES, strict=True)
    scale = float(rng.choice(scales, p=shares))
    codec = str(rng.choice(LEARNED))
    shrink = "box" if rng.random() < 0.5 else "bilinear"
    enlarge = "bilinear" if rng.random() < 0.6 else "bicubic"
    height, width = frames[0][0].shape
    columns, rows = (round(side / scale / 2) * 2 for side in (width, height))
    sent = [_shrunk(planes, columns, rows, shrink) for planes in seen]
    share = float(rng.random()) + (rng.random() < RICH)
    rate = rate_of_call(columns * rows, share)
    decoded = coded_planes(sent, codec, rate, per_second)
    line = Line(
        codec=codec,
        bits=rate / per_second / (columns * rows),
        error=_error(decoded, sent, rows),
        scale=scale,
        shrink=shrink if scale > 1 else "",
        enlarge=enlarge if scale > 1 else "",
        noise=camera.noise if camera else 0.0,
        noise_width=camera.softness if camera else 0.0,
        sharpened=camera.sharpening / 100 if camera else 0.0,
    )
    return line, references, [planes[:rows] for planes in decoded]


def _shrunk(planes: Planes, columns: int, rows: int, how: str) -> Luma:
    """A frame of that size, its chroma halved, as rows of one array."""
    sizes = [(columns, rows), (columns // 2, rows // 2), (columns // 2, rows // 2)]
    images = (Image.fromarray(plane).resize(size, SHRINK[how]) for plane, size in zip(planes, sizes, strict=True))
    return np.concatenate([np.asarray(image).ravel() for image in images]).reshape(-1, columns)


def _error(decoded: Sequence[Luma], sent: Sequence[Luma], rows: int) -> float:
    """What coding cost the luma of the last frames, in levels of an image."""
    pairs = [(came[:rows], was[:rows]) for came, was in zip(decoded, sent, strict=True)][-TOGETHER:]
    return float(np.sqrt(np.mean([np.square(came.astype(np.float32) - was) for came, was in pairs])) * 255 / 219)


def _webp(frames: Sequence[Luma], quality: int | None) -> bytes:
    """Frames one below the other; None for no loss."""
    data = io.BytesIO()
    image = Image.fromarray(np.concatenate(frames))
    image.save(data, "WEBP", lossless=quality is None, quality=70 if quality is None else quality, method=4)
    return data.getvalue()
