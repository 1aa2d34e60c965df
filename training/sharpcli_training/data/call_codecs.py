"""The encoders of calls, set as endpoints set them, and the bit rates that calls have. Needs PyAV."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
from numpy.typing import NDArray

_PACED = {"deadline": "realtime", "lag-in-frames": "0", "undershoot-pct": "100", "overshoot-pct": "15"}


@dataclass(frozen=True)
class Codec:
    """FFmpeg's names of an encoder and a decoder, the encoder's options, and those that take the bit rate too."""

    encoder: str
    decoder: str
    options: dict[str, str]
    rates: tuple[str, ...] = ()


CODECS = {
    "h264": Codec(
        "libx264",
        "h264",
        {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline", "sc_threshold": "0"},
        ("maxrate", "bufsize"),
    ),
    # A positive cpu-used would let VP8 follow the machine's speed.
    "vp8": Codec(
        "libvpx",
        "vp8",
        {**_PACED, "cpu-used": "-6", "qmin": "2", "qmax": "56"},
        ("maxrate", "bufsize", "minrate"),
    ),
    "vp9": Codec(
        "libvpx-vp9",
        "vp9",
        {**_PACED, "cpu-used": "7", "qmin": "8", "qmax": "52"},
        ("maxrate", "bufsize", "minrate"),
    ),
    "av1": Codec("libsvtav1", "libdav1d", {"preset": "10", "svtav1-params": "rc=2:pred-struct=1:rtc=1:lp=1"}),
}
LEARNED = ("h264", "vp8", "vp9")
"""Codecs of training data. AV1 is held out: what was learned from the others is tried on it."""
RATES = {
    320 * 180: (30e3, 200e3),
    480 * 270: (150e3, 450e3),
    640 * 360: (150e3, 700e3),
    960 * 540: (350e3, 1200e3),
    1280 * 720: (600e3, 2500e3),
    1920 * 1080: (800e3, 5000e3),
}
"""Least and largest bits per second by pixels a frame (libwebrtc's simulcast layers)."""


def rate_of_call(pixels: int, share: float) -> float:
    """Bits per second of a call with frames of `pixels`: evenly in the logarithm from the least to the largest.

    Between the sizes of RATES both are interpolated, in the logarithm too.
    """
    sizes = [math.log(size) for size in RATES]
    low, high = (np.interp(math.log(pixels), sizes, [math.log(rate[i]) for rate in RATES.values()]) for i in (0, 1))
    return math.exp(low + (high - low) * share)


def encoded(frames: Sequence[av.VideoFrame], codec: Codec, rate: int, per_second: Fraction) -> list[av.Packet[Any]]:
    """The packets of frames (yuv420p) at `rate` bits per second, in one thread: the same frames give the same ones."""
    encoder = cast(av.VideoCodecContext, av.CodecContext.create(codec.encoder, "w"))
    encoder.width, encoder.height, encoder.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
    encoder.framerate, encoder.time_base = per_second, 1 / per_second
    # One key frame, as in a call in which nothing is lost.
    encoder.bit_rate, encoder.gop_size, encoder.thread_count = rate, 10 * len(frames), 1
    encoder.options = {**codec.options, **dict.fromkeys(codec.rates, str(rate))}
    packets = []
    for number, frame in enumerate(frames):
        frame.pts, frame.time_base = number, 1 / per_second
        packets += encoder.encode(frame)
    return packets + encoder.encode(None)


def decoded(packets: Iterable[av.Packet[Any]], codec: Codec) -> Iterator[av.VideoFrame]:
    """The frames of packets."""
    decoder = cast(av.VideoCodecContext, av.CodecContext.create(codec.decoder, "r"))
    decoder.thread_count = 1
    for packet in packets:
        yield from decoder.decode(packet)
    yield from decoder.decode(None)


def coded_planes(
    frames: Sequence[NDArray[np.uint8]], codec: str, rate: float, per_second: int
) -> list[NDArray[np.uint8]]:
    """All `frames` as they are decoded; each is luma and then halved chroma (yuv420p) as rows of one array."""
    sent = [av.VideoFrame.from_ndarray(planes, format="yuv420p") for planes in frames]
    packets = encoded(sent, CODECS[codec], int(rate), Fraction(per_second))
    return [np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8) for frame in decoded(packets, CODECS[codec])]
