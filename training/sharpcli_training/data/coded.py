"""Degrades squares of a pack's images as training does, and codes them as WebP or as a frame of a call."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from sharpcli_training.data.degradation.chain import degrade
from sharpcli_training.data.degradation.draw import Draw, draw
from sharpcli_training.data.pack_index import Coding

CPU = torch.device("cpu")
SIDE, BLOCK = 448, 8
"""Largest side of a square, and what it is a multiple of."""
QUALITY = (50, 95)
FRAMES = 12
"""Of a clip: after fewer, encoders still save what the first frame cost them."""
FASTEST = 3.0
"""Pixels that the image moves from frame to frame, at most."""
NOISE = (0.3, 1.5)
"""Of a video whose draw has none: every camera has some, and without it all frames would be predicted exactly."""
KEPT_QUALITY = 95
"""Of the WebP files in which frames of videos are kept for training."""


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for each computation, so that sums come out the same on every machine; squares share the cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def coded_square(image: Image.Image, seed: int, turn: int, lossless: bool, video: bool) -> tuple[Coding, bytes]:
    """The middle square of an image (RGB or grey), degraded and coded: what was done, and the coded square as WebP.

    By `turn` every third is a frame of a video where `video` allows it, of each codec in turn. `lossless` keeps such a
    frame as it was decoded.
    """
    width, height = image.size
    side = min(SIDE, min(image.size) // BLOCK * BLOCK)
    left, top = (width - side) // 2, (height - side) // 2
    pixels = np.atleast_3d(np.array(image.crop((left, top, left + side, top + side))))
    original = torch.from_numpy(pixels).permute(2, 0, 1)[None].float()
    generator = torch.Generator().manual_seed(seed)
    if video and turn % 3 == 2:
        from sharpcli_training.data.call_codecs import LEARNED

        codec = LEARNED[turn // 3 % len(LEARNED)]
        drawn, quality, levels = _frame(original, codec, generator)
        data = _webp(levels, KEPT_QUALITY, lossless)
    else:
        codec, drawn = "webp", replace(_drawn(generator), coded=torch.tensor([1]))
        quality = float(torch.randint(QUALITY[0], QUALITY[1] + 1, (), generator=generator))
        data = _webp(degrade(original, drawn, generator), int(quality), False)
    said = {one.name: getattr(drawn, one.name).item() for one in fields(Draw)}
    return Coding(top=top, left=left, side=side, codec=codec, quality=quality, draw=said), data


def _drawn(generator: torch.Generator) -> Draw:
    """A draw as in training, but for its last compression: the coding takes that place."""
    no = torch.tensor([False])
    return replace(draw(1, generator, CPU), jpeg=no, recompressed=no)


def _frame(original: Tensor, codec: str, generator: torch.Generator) -> tuple[Draw, float, Tensor]:
    """A frame of a call in which the camera moves: its draw, bits per pixel, and levels.

    Every frame is a view of its own through the same camera, with new noise; the last is the original's own place.
    """
    from sharpcli_training.data.call_codecs import rate_of_call
    from sharpcli_training.data.coded_video import last_frame

    drawn, (noise, share, angle, speed, pace) = _drawn(generator), torch.rand(5, generator=generator).tolist()
    some = torch.full_like(drawn.noise, NOISE[0] + (NOISE[1] - NOISE[0]) * noise)
    drawn = replace(drawn, noise=torch.where(drawn.noise > 0, drawn.noise, some), coded=torch.tensor([2]))
    per_second = 10 + int(21 * pace)
    rate = rate_of_call(original.shape[-1] ** 2, share)
    direction = torch.polar(torch.tensor(FASTEST * speed**2), torch.tensor(6.2832 * angle))
    views = [_moved(original, left * direction) for left in reversed(range(FRAMES))]
    frames = [degrade(view, drawn, generator)[0] for view in views]
    bits = rate / per_second / original.shape[-1] ** 2
    return drawn, round(bits, 5), last_frame(frames, codec, rate, per_second)[None]


def _moved(levels: Tensor, by: Tensor) -> Tensor:
    """Levels moved by a complex number of pixels; beyond the border the image is mirrored."""
    if not by.abs():
        return levels
    shift = 2 * torch.view_as_real(by) / levels.shape[-1]
    grid = affine_grid(torch.cat((torch.eye(2), shift[:, None]), 1)[None], list(levels.shape), align_corners=False)
    moved = grid_sample(levels, grid, mode="bicubic", padding_mode="reflection", align_corners=False)
    return moved.round().clamp(0, 255)


def _webp(levels: Tensor, quality: int, lossless: bool) -> bytes:
    data = io.BytesIO()
    pixels = levels[0].byte().permute(1, 2, 0).numpy()
    Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(
        data, "WEBP", quality=quality, lossless=lossless, method=4
    )
    return data.getvalue()
