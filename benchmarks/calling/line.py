"""The line of a call: frames shrunk, encoded as endpoints do it, decoded, and enlarged again. All in memory.

Encoders and rates are those of training; AV1 is held out there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
from av import VideoFrame
from av.video.reformatter import Interpolation

from sharpcli.errors import SharpError
from sharpcli_training.data import call_codecs

os.environ.setdefault("SVT_LOG", "1")  # errors only: SVT-AV1 prints its settings otherwise

CODECS = {"H.264": "h264", "VP8": "vp8", "VP9": "vp9", "AV1": "av1"}
"""By the names that tables have."""
HELD_OUT = "AV1"
"""No network was trained on it."""
SCALES = (1, 1.5, 2, 3)
SHARES = {"lowest": 0.0, "middle": 0.5, "highest": 1.0}
"""Where in the range of a size a rate lies, in the logarithm."""
UNIT = 12
"""What sides are multiples of, so that chroma has whole samples at every scale."""


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
    scale: float
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
    small = list(sized(frames, round(width / cell.scale), round(height / cell.scale), Interpolation.AREA))
    pixels = small[0].width * small[0].height
    codec, asked = call_codecs.CODECS[CODECS[cell.codec]], call_codecs.rate_of_call(pixels, SHARES[cell.share])
    packets = call_codecs.encoded(small, codec, round(asked), rate)
    result = list(sized(call_codecs.decoded(packets, codec), width, height, Interpolation.BILINEAR))
    if len(result) != len(frames):
        raise SharpError(f"{cell.codec} delivered {len(result)} of {len(frames)} frames")
    bits = 8 * sum(packet.size for packet in packets) / len(frames)
    return Delivered(result, asked / 1000, bits * float(rate) / 1000, bits / pixels)
