"""Sends a short clip through a video encoder as a call does, and keeps its last frame. Needs PyAV."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import cast

import av
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

CODECS = {"h264": "libx264", "vp8": "libvpx", "vp9": "libvpx-vp9"}
"""Codecs of calls and their encoders. AV1 is held out: what was learned here is tried on it."""
_PACED = {"deadline": "realtime", "lag-in-frames": "0", "undershoot-pct": "100", "overshoot-pct": "15"}
_OPTIONS = {
    "h264": {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline", "sc_threshold": "0"},
    # A positive cpu-used would let VP8 follow the machine's speed.
    "vp8": {**_PACED, "cpu-used": "-6", "qmin": "2", "qmax": "56"},
    "vp9": {**_PACED, "cpu-used": "7", "qmin": "8", "qmax": "52"},
}
"""As endpoints set them for calls."""
RATES = {
    320 * 180: (30e3, 200e3),
    480 * 270: (150e3, 450e3),
    640 * 360: (150e3, 700e3),
    960 * 540: (350e3, 1200e3),
    1280 * 720: (600e3, 2500e3),
    1920 * 1080: (800e3, 5000e3),
}
"""Least and largest bits per second by pixels a frame (libwebrtc's simulcast layers)."""
_TO_YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
LUMA, CHROMA = 219 / 255, 224 / 255
"""Levels of a video by levels of an image, above 16 and beside 128 (BT.601)."""


def rate_of_call(pixels: int, share: float) -> float:
    """Bits per second of a call with frames of `pixels`: evenly in the logarithm from the least to the largest."""
    sizes = [math.log(size) for size in RATES]
    low, high = (np.interp(math.log(pixels), sizes, [math.log(rate[i]) for rate in RATES.values()]) for i in (0, 1))
    return math.exp(low + (high - low) * share)


def last_frame(frames: Sequence[Tensor], codec: str, rate: float, per_second: int) -> Tensor:
    """The last of `frames` (levels, C x H x W with even sides) as it is decoded, at `rate` bits per second.

    It was predicted from those before; the same frames give the same one. PyAV's own conversion from RGB makes an
    image darker by one level, so it is done here.
    """
    decoded = coded_planes([_planes(levels) for levels in frames], codec, rate, per_second)
    return _levels(decoded[-1], frames[-1])


def coded_planes(
    frames: Sequence[NDArray[np.uint8]], codec: str, rate: float, per_second: int
) -> list[NDArray[np.uint8]]:
    """All `frames` as they are decoded; each is luma and then halved chroma (yuv420p) as rows of one array."""
    rows, width = frames[0].shape
    height = rows * 2 // 3
    encoder = cast(av.VideoCodecContext, av.CodecContext.create(CODECS[codec], "w"))
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(per_second), Fraction(1, per_second)
    encoder.bit_rate, encoder.gop_size, encoder.thread_count = int(rate), 10 * len(frames), 1
    bits = str(int(rate))
    encoder.options = {**_OPTIONS[codec], "maxrate": bits, "bufsize": bits}
    if codec != "h264":
        encoder.options = {**encoder.options, "minrate": bits}  # constant bit rate
    packets = []
    for number, planes in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    decoder = cast(av.VideoCodecContext, av.CodecContext.create(codec, "r"))
    decoder.thread_count = 1
    decoded = [frame for packet in packets for frame in decoder.decode(packet)] + decoder.decode(None)
    return [np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8) for frame in decoded]


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
