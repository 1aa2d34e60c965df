"""YUV4MPEG2 (y4m), the format in which programs pass uncompressed video through pipes: a line, then frame after frame.

As mjpegtools define it (yuv4mpeg(5)), with the names of pixel formats and the X parameters that FFmpeg added. Lines are
kept byte for byte: FFmpeg's own reader drops what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.video.clip import library
from sharpcli.video.planes import LUMA_BITS, plane

if TYPE_CHECKING:
    from av import VideoFrame

BEGINS = rb"YUV4MPEG2[ \n]"
LONGEST_LINE = 4096
LARGEST_SIDE = 16_384
PIXELS = {
    **dict.fromkeys((b"420jpeg", b"420mpeg2", b"420paldv", b"420"), "yuv420p"),
    **{b"422": "yuv422p", b"444": "yuv444p", b"411": "yuv411p", b"444alpha": "yuva444p", b"mono": "gray"},
    **{
        b"%dp%d" % (chroma, bits): f"yuv{chroma}p{bits}le" for chroma in (420, 422, 444) for bits in (9, 10, 12, 14, 16)
    },
    **{b"mono%d" % bits: f"gray{bits}le" for bits in (9, 10, 12, 14, 16)},
}
"""FFmpeg's names of pixel formats by the values of C; those of the first line differ in the siting of chroma only."""
NAMES = {pixels: name for name, pixels in reversed(PIXELS.items())}
NAMES |= {"yuvj420p": b"420jpeg", "yuvj422p": b"422", "yuvj444p": b"444", "yuvj411p": b"411"}
PLANAR = {
    **{"nv12": "yuv420p", "nv21": "yuv420p", "nv16": "yuv422p", "nv24": "yuv444p"},
    **{"yuyv422": "yuv422p", "uyvy422": "yuv422p", "p010le": "yuv420p10le", "p210le": "yuv422p10le"},
}
"""Pixel formats that y4m has no name for, and those that hold the same samples in a plane for each component."""
FIELDS = {b"t": "tff", b"b": "bff"}
"""Which field comes first, in the words of FFmpeg's filter setfield, by the values of I that mean interlaced."""
MIXED = b"m"
"""The value of I that leaves it to the line before each frame."""
RANGES = {b"XCOLORRANGE=LIMITED": 1, b"XCOLORRANGE=FULL": 2}
"""FFmpeg's numbers of colour ranges."""
UNKNOWN_RATE = Fraction(25)
Read = Callable[[int], bytes]


@dataclass(frozen=True)
class Header:
    """The first line: `parameters` as they came, without the width and height in pixels."""

    width: int
    height: int
    parameters: tuple[bytes, ...]

    def __bytes__(self) -> bytes:
        sides = b"W%d" % self.width, b"H%d" % self.height
        return b" ".join((b"YUV4MPEG2", *sides, *self.parameters)) + b"\n"

    def of_size(self, width: int, height: int) -> Header:
        """The same for frames of another size."""
        return replace(self, width=width, height=height)

    @property
    def rate(self) -> Fraction | None:
        """Frames a second; None where the stream does not tell."""
        return self._ratio(b"F")

    @property
    def aspect(self) -> Fraction | None:
        """Width of a pixel to its height; None where the stream does not tell."""
        return self._ratio(b"A")

    @property
    def pixel_format(self) -> str:
        """FFmpeg's name; raises ImageError for one that is not supported."""
        told = self._value(b"C") or b"420jpeg"
        name = PIXELS.get(told, "")
        if name not in LUMA_BITS:
            raise ImageError(
                f"has the pixel format C{told.decode(errors='replace')}, not supported; convert it to C420"
            )
        return name

    def fields(self, line: bytes) -> str | None:
        """Which field of the frame after this line comes first, see FIELDS; None where it is progressive."""
        told = self._value(b"I")
        if told == MIXED:
            told = next((word[1:2].lower() for word in line.split()[1:] if word.startswith(b"I")), b"")
        return FIELDS.get(told)

    @property
    def color_range(self) -> int:
        """FFmpeg's number; 0 is unknown."""
        return next((RANGES[one] for one in self.parameters if one in RANGES), 0)

    def _ratio(self, letter: bytes) -> Fraction | None:
        found = re.fullmatch(rb"(\d{1,9}):(\d{1,9})", self._value(letter))
        return Fraction(int(found[1]), int(found[2])) or None if found and int(found[2]) else None

    def _value(self, letter: bytes) -> bytes:
        return next((one[1:] for one in self.parameters if one.startswith(letter)), b"")


def read_header(read: Read) -> Header:
    """The header at the start of a stream; raises ImageError."""
    words = _line(read, "its header").split()
    sides = {word[:1]: int(word[1:]) for word in words[1:] if re.fullmatch(rb"[WH]\d{1,6}", word)}
    width, height = sides.get(b"W", 0), sides.get(b"H", 0)
    if not (words and words[0] == b"YUV4MPEG2" and 0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise ImageError("is damaged (its y4m header has no size that can be)")
    return Header(width, height, tuple(word for word in words[1:] if word[:1] not in (b"W", b"H")))


def read_frames(read: Read, header: Header) -> Iterator[tuple[VideoFrame, bytes]]:
    """Each frame, timed by the rate, and the line before it, as they arrive; raises ImageError where it is cut off."""
    time_base = 1 / (header.rate or UNKNOWN_RATE)
    marks: dict[str, Callable[[VideoFrame], VideoFrame]] = {}
    number = 0
    while line := _line(read, f"frame {number + 1}", at_end=True):
        if not line.startswith(b"FRAME"):
            raise ImageError(f"is damaged before frame {number + 1}")
        frame = library().VideoFrame(header.width, header.height, header.pixel_format)
        for index in range(len(frame.format.components)):
            pixels = plane(frame, index)
            data = _exactly(read, pixels.size * pixels.itemsize, f"frame {number + 1}")
            pixels[...] = np.frombuffer(data, pixels.dtype).reshape(pixels.shape)
        frame.pts, frame.time_base, frame.color_range = number, time_base, header.color_range
        if fields := header.fields(line):
            if fields not in marks:
                marks[fields] = _marking(header, time_base, fields)
            frame = marks[fields](frame)
        yield frame, line
        number += 1


def header_for(frame: VideoFrame, rate: Fraction | None, aspect: Fraction | None) -> Header:
    """A header for frames like this one, see `writable`."""
    rate = rate or UNKNOWN_RATE
    range_name = {number: name for name, number in RANGES.items()}.get(int(frame.color_range))
    name = NAMES[frame.format.name]
    parameters = [b"F%d:%d" % rate.as_integer_ratio(), b"Ip", b"A%d:%d" % (aspect or Fraction(0, 1)).as_integer_ratio()]
    parameters += [b"C" + name, *([range_name] if range_name else [])]
    return Header(frame.width, frame.height, tuple(parameters))


def writable(frame: VideoFrame) -> VideoFrame:
    """The frame in a pixel format that y4m has; planes that lay interleaved are taken apart. Raises ImageError."""
    name = PLANAR.get(frame.format.name, frame.format.name)
    if name not in NAMES:
        raise ImageError(f"has pixels of the kind {name}, which y4m does not hold; use --format nut")
    return frame if name == frame.format.name else frame.reformat(format=name)


def frame_bytes(frame: VideoFrame) -> Iterator[bytes]:
    """The planes of a frame, one after the other, row by row."""
    for index in range(len(frame.format.components)):
        yield np.ascontiguousarray(plane(frame, index)).tobytes()


def _marking(header: Header, time_base: Fraction, fields: str) -> Callable[[VideoFrame], VideoFrame]:
    """What marks frames as interlaced, which PyAV itself cannot."""
    graph = library().filter.Graph()
    source = graph.add_buffer(width=header.width, height=header.height, format=header.pixel_format, time_base=time_base)
    marked, sink = graph.add("setfield", fields), graph.add("buffersink")
    source.link_to(marked)
    marked.link_to(sink)
    graph.configure()

    def mark(frame: VideoFrame) -> VideoFrame:
        graph.push(frame)
        result: Any = graph.pull()
        return result

    return mark


def _line(read: Read, what: str, at_end: bool = False) -> bytes:
    """Up to the end of a line, without it; nothing where the stream ends before it, if it may."""
    line = bytearray()
    while (one := read(1)) != b"\n":
        if at_end and not line and not one:
            return b""
        if not one or len(line) > LONGEST_LINE:
            raise ImageError(f"is cut off or damaged in {what}")
        line += one
    return bytes(line)


def _exactly(read: Read, size: int, what: str) -> NDArray[Any]:
    data = np.empty(size, np.uint8)
    filled = 0
    while filled < size:
        part = read(size - filled)
        if not part:
            raise ImageError(f"is cut off in {what}")
        data[filled : filled + len(part)] = np.frombuffer(part, np.uint8)
        filled += len(part)
    return data
