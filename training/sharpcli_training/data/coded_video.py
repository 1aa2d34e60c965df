"""Sends a short clip through a video encoder as a call does, and keeps its last frame. Needs PyAV."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from sharpcli_training.data.call_codecs import coded_planes

_TO_YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
LUMA, CHROMA = 219 / 255, 224 / 255
"""Levels of a video by levels of an image, above 16 and beside 128 (BT.601)."""


def last_frame(frames: Sequence[Tensor], codec: str, rate: float, per_second: int) -> Tensor:
    """The last of `frames` (levels, C x H x W with even sides) as it is decoded, at `rate` bits per second.

    It was predicted from those before; the same frames give the same one. PyAV's own conversion from RGB makes an
    image darker by one level, so it is done here.
    """
    decoded = coded_planes([_planes(levels) for levels in frames], codec, rate, per_second)
    return _levels(decoded[-1], frames[-1])


def _planes(levels: Tensor) -> NDArray[np.uint8]:
    """Luma, then halved chroma, as rows of one array."""
    luma, chroma = levels[:1], torch.zeros(2, *levels.shape[1:])
    if len(levels) == 3:
        ycc = torch.einsum("ij,jhw->ihw", torch.tensor(_TO_YCC), levels)
        luma, chroma = ycc[:1], ycc[1:]
    luma = 16 + LUMA * luma
    chroma = 128 + CHROMA * avg_pool2d(chroma, 2)
    width = levels.shape[-1]
    return torch.cat((luma.reshape(-1, width), chroma.reshape(-1, width))).round().byte().numpy()


def _levels(planes: NDArray[np.uint8], like: Tensor) -> Tensor:
    channels, height, width = like.shape
    decoded = torch.from_numpy(planes).float()
    luma = (decoded[:height] - 16) / LUMA
    if channels == 1:
        return luma[None].round().clamp(0, 255)
    chroma = ((decoded[height:] - 128) / CHROMA).reshape(1, 2, height // 2, width // 2)
    ycc = torch.cat((luma[None], interpolate(chroma, scale_factor=2, mode="bilinear")[0]))
    return torch.einsum("ij,jhw->ihw", torch.tensor(_TO_YCC).inverse(), ycc).round().clamp(0, 255)
