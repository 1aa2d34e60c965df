"""Short runs of consecutive frames as originals for calls: of clips, and of still images that pan and zoom."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from PIL import Image

from sharpcli.errors import SharpError
from sharpcli_training.data.camera import Planes

LARGE = 960
"""Longer side from which a clip is halved: what its own compression left is mostly gone then."""
STILL = 384
"""Side of the view that moves over a still image."""


def clip_frames(path: Path, start: float, step: int, count: int) -> list[Planes]:
    """`count` frames of a clip, every `step`-th from that share of its length on; fewer where it ends before.

    Raises SharpError for a clip that cannot be read.
    """
    frames: list[Planes] = []
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            length = stream.frames or 100
            first = int(start * max(0, length - count * step))
            for number, frame in enumerate(container.decode(stream)):
                if number >= first and (number - first) % step == 0:
                    frames.append(_halved(_split(np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8))))
                if len(frames) == count:
                    break
    except (OSError, IndexError, av.FFmpegError) as error:
        raise SharpError(f"{path} cannot be read as a clip; mend or remove it") from error
    return frames


def still_frames(path: Path, count: int, rng: np.random.Generator) -> list[Planes]:
    """`count` views of an image, of a camera that pans and zooms evenly; none where the image is too small."""
    with Image.open(path) as opened:
        image = opened.convert("YCbCr")
    side = min(STILL, min(image.size) // 16 * 16 - 32)
    if side < 160:
        return []
    speed, angle, zoom = 2.5 * rng.random() ** 2, rng.uniform(0, 2 * np.pi), rng.uniform(-0.002, 0.002)
    middle, half = np.array(image.size) / 2, side / 2
    frames = []
    for number in range(count):
        scale = 1 + zoom * (number - count / 2)
        x, y = middle + speed * (number - count / 2) * np.array([np.cos(angle), np.sin(angle)]) - scale * half
        view = image.transform(
            (side, side), Image.Transform.AFFINE, (scale, 0, x, 0, scale, y), Image.Resampling.BICUBIC
        )
        luma, *chroma = view.split()
        planes = [np.rint(16 + np.asarray(luma, np.float32) * 219 / 255)]
        planes += [np.rint(128 + (np.asarray(plane.reduce(2), np.float32) - 128) * 224 / 255) for plane in chroma]
        frames.append([plane.astype(np.uint8) for plane in planes])
    return frames


def _split(rows: np.ndarray) -> Planes:
    height, width = rows.shape[0] * 2 // 3, rows.shape[1]
    chroma = rows[height:].reshape(2, height // 2, width // 2)
    return [rows[:height], chroma[0], chroma[1]]


def _halved(planes: Planes) -> Planes:
    height, width = planes[0].shape
    halve = max(height, width) >= LARGE
    images = [Image.fromarray(plane).reduce(2) if halve else Image.fromarray(plane) for plane in planes]
    # Sides that every scale of a call divides into even ones.
    width, height = (side // 12 * 12 for side in images[0].size)
    sizes = [(width, height), (width // 2, height // 2), (width // 2, height // 2)]
    return [np.asarray(image.crop((0, 0, *size))) for image, size in zip(images, sizes, strict=True)]
