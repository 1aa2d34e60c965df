"""The line of a call: frames shrunk, encoded as endpoints do it, decoded, and enlarged again. All in memory.

The encoders are set as for training (`sharpcli_training.data.coded_video`), which needs torch; AV1 is known here only.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av import VideoFrame
from av.video.reformatter import Interpolation

from sharpcli.errors import SharpError

os.environ.setdefault("SVT_LOG", "1")  # errors only: SVT-AV1 prints its settings otherwise

PACED = {"deadline": "realtime", "lag-in-frames": "0", "undershoot-pct": "100", "overshoot-pct": "15"}


@dataclass(frozen=True)
class Codec:
    """FFmpeg's names of an encoder and a decoder, the encoder's options, and whether it takes a smallest rate."""

    encoder: str
    decoder: str
    options: dict[str, str]
    constant: bool


CODECS = {
    "H.264": Codec(
        "libx264",
        "h264",
        {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline", "sc_threshold": "0"},
        False,
    ),
    # A positive cpu-used would let VP8 follow the machine's speed.
    "VP8": Codec("libvpx", "vp8", {**PACED, "cpu-used": "-6", "qmin": "2", "qmax": "56"}, True),
    "VP9": Codec("libvpx-vp9", "vp9", {**PACED, "cpu-used": "7", "qmin": "8", "qmax": "52"}, True),
    "AV1": Codec("libsvtav1", "libdav1d", {"preset": "10", "svtav1-params": "rc=2:pred-struct=1:rtc=1:lp=1"}, False),
}
HELD_OUT = "AV1"
"""No network was trained on it."""
SCALES = (1, 2, 3)
SHARES = {"lowest": 0.0, "middle": 0.5, "highest": 1.0}
"""Where in the range of a size a rate lies, in the logarithm."""
RATES = {
    320 * 180: (30, 200),
    480 * 270: (150, 450),
    640 * 360: (150, 700),
    960 * 540: (350, 1200),
    1280 * 720: (600, 2500),
    1920 * 1080: (800, 5000),
}
"""Least and largest kbit/s by pixels a frame (libwebrtc's simulcast layers)."""
UNIT = 2 * math.lcm(*SCALES)
"""What sides are multiples of, so that chroma has whole samples at every scale."""


def kbits_of(pixels: int, share: float) -> float:
    """The rate of a call with so large frames, by its place in the range; ranges in between are interpolated."""
    sizes = [math.log(size) for size in RATES]
    low, high = (np.interp(math.log(pixels), sizes, [math.log(rate[end]) for rate in RATES.values()]) for end in (0, 1))
    return math.exp(low + (high - low) * share)


def originals(path: Path, height: int, most: int) -> tuple[list[VideoFrame], Fraction]:
    """The first frames of a clip, at most so many and at most `height` on the shorter side, and frames a second.

    Shrinking takes away most of what the clip's own encoder left. Raises SharpError for a clip that is too small.
    """
    with av.open(str(path)) as clip:
        stream = clip.streams.video[0]
        rate, width, tall = stream.average_rate, stream.width, stream.height
        scale = min(1.0, height / min(width, tall))
        sides = [int(side * scale) // UNIT * UNIT for side in (width, tall)]
        if min(sides) < 5 * UNIT:
            raise SharpError(f"{path} has {width}x{tall} pixels, which are too few for a call")
        return list(sized(islice(clip.decode(stream), most), *sides, Interpolation.LANCZOS)), Fraction(rate or 25)


def sized(frames: Iterable[VideoFrame], width: int, height: int, how: Interpolation) -> Iterator[VideoFrame]:
    """The frames in another size, 8 bits 4:2:0, numbered, and without a word on their colours.

    A decoder tells none either, and a score must convert original and result alike.
    """
    for number, frame in enumerate(frames):
        result = frame.reformat(width, height, "yuv420p", interpolation=how)
        yield numbered(result, number)


def numbered(frame: VideoFrame, number: int) -> VideoFrame:
    """The frame as encoder, filter and score want it."""
    frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, 1000), 0
    frame.colorspace, frame.color_range = 2, 1
    return frame


@dataclass(frozen=True)
class Cell:
    """One line: by how much it shrinks, its codec, and where in the range its rate lies."""

    codec: str
    scale: int
    share: str


@dataclass(frozen=True)
class Delivered:
    """What came out at the other end: frames of the original's size, kbit/s asked for and spent, bits a coded pixel."""

    frames: list[VideoFrame]
    asked: float
    spent: float
    bits_per_pixel: float


def called(frames: Sequence[VideoFrame], rate: Fraction, cell: Cell) -> Delivered:
    """Send frames through a line."""
    width, height = frames[0].width, frames[0].height
    small = list(sized(frames, width // cell.scale, height // cell.scale, Interpolation.AREA))
    pixels = small[0].width * small[0].height
    asked = kbits_of(pixels, SHARES[cell.share])
    packets = encoded(small, CODECS[cell.codec], asked, rate)
    decoded = decoding(packets, CODECS[cell.codec])
    result = list(sized(decoded, width, height, Interpolation.BILINEAR))
    if len(result) != len(frames):
        raise SharpError(f"{cell.codec} delivered {len(result)} of {len(frames)} frames")
    bits = 8 * sum(packet.size for packet in packets) / len(frames)
    return Delivered(result, asked, bits * float(rate) / 1000, bits / pixels)


def encoded(frames: Sequence[VideoFrame], codec: Codec, kbits: float, rate: Fraction) -> list[av.Packet]:
    """The packets of an encoder in one thread: the same frames give the same ones."""
    encoder = av.CodecContext.create(codec.encoder, "w")
    encoder.width, encoder.height, encoder.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
    encoder.framerate, encoder.time_base = rate, 1 / rate
    bits = str(round(1000 * kbits))
    # One key frame, as in a call in which nothing is lost.
    encoder.bit_rate, encoder.gop_size, encoder.thread_count = int(bits), 10 * len(frames), 1
    paced = {} if codec.encoder == "libsvtav1" else {"maxrate": bits, "bufsize": bits}
    encoder.options = {**codec.options, **paced, **({"minrate": bits} if codec.constant else {})}
    packets = []
    for number, frame in enumerate(frames):
        frame.pts, frame.time_base = number, 1 / rate
        packets += encoder.encode(frame)
    return packets + encoder.encode(None)


def decoding(packets: Iterable[av.Packet], codec: Codec) -> Iterator[VideoFrame]:
    """The frames of packets."""
    decoder = av.CodecContext.create(codec.decoder, "r")
    decoder.thread_count = 1
    for packet in packets:
        yield from decoder.decode(packet)
    yield from decoder.decode(None)
