"""Animated PNGs: frames of any depth by libpng, put onto each other and taken apart here (PNG, third edition)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import Stored, as_stored
from sharpcli.image.codecs.gif.writer import bounds
from sharpcli.image.codecs.png.chunks import SIGNATURE, Chunk, Layout, layout, packed
from sharpcli.image.codecs.png.reader import png, still
from sharpcli.image.codecs.png.writer import START, head, png_file
from sharpcli.image.image import Image, Pixels
from sharpcli.image.metadata import Metadata
from sharpcli.image.read import Header
from sharpcli.image.scratch import IN_MEMORY
from sharpcli.image.sequences.sequence import MOST_FRAMES, Animation, Shown

CLEARED, AS_BEFORE, OVER = 1, 2, 1
"""What becomes of a frame after it, and that it is laid over the canvas instead of taking its place."""
MOST_DELAY, HUNDREDTHS = 65_535, 100
CONTROL = struct.Struct(">IIIIIHHBB")


@dataclass
class _Frame:
    """Where a frame lies, how long it is seen, what becomes of it; `data` are the chunks of its pixels."""

    width: int
    height: int
    left: int
    top: int
    seconds: Fraction
    disposal: int
    blend: int
    data: list[Chunk] = field(default_factory=list)


def png_animation(file: BinaryIO) -> Animation:
    """The frames of an open PNG; raises ImageError."""
    found = layout(file)
    image = still(file, found)
    frames, hidden = _frames(file, found, image)
    count, plays = struct.unpack(">II", next(c for c in found.chunks if c.name == b"acTL").body(file))
    if any(name in ("fcTL", "fdAT") for name in found.broken) or count != len(frames):
        raise ImageError("is damaged or truncated (frames of the animation are missing)")
    mode = image.mode
    if mode[-1] != "A" and any(frame.disposal or frame.blend for frame in frames):
        mode += "A"
    sides = (image.width, image.height) if image.orientation < 5 else (image.height, image.width)
    needs = image.decoder_bytes + 4 * image.width * image.height * len(mode) * image.depth // 8
    header = Header("PNG", *sides, mode, image.depth, needs)

    def shown() -> Iterator[Shown]:
        if hidden:
            yield Shown(_upright(_decoded(image, mode), image, mode), hidden=True)
        for canvas, seconds in _composed(file, found, image, frames, mode):
            yield Shown(_upright(canvas, image, mode), seconds)

    return Animation(header, len(frames), plays, shown, image.notes)


def _frames(file: BinaryIO, found: Layout, image: Stored) -> tuple[list[_Frame], bool]:
    """The frames, and whether the image that others show is none of them; raises ImageError."""
    frames: list[_Frame] = []
    expected, hidden = 0, False
    for chunk in found.chunks:
        if chunk.name in (b"fcTL", b"fdAT"):
            number = int.from_bytes(chunk.body(file)[:4], "big")
            if number != expected:
                raise ImageError("is damaged or truncated (the frames of the animation are out of order)")
            expected += 1
        if chunk.name == b"fcTL":
            frames.append(_frame(chunk.body(file), image))
        elif chunk.name == b"IDAT" and not frames:
            hidden = True
        elif chunk.name in (b"IDAT", b"fdAT") and frames:
            frames[-1].data.append(chunk)
    if len(frames) > MOST_FRAMES:
        raise ImageError(f"has more than {MOST_FRAMES} frames, the limit; cut it into parts")
    if not frames or not all(frame.data for frame in frames):
        raise ImageError("is damaged or truncated (a frame of the animation has no pixels)")
    return frames, hidden


def _frame(body: bytes, image: Stored) -> _Frame:
    if len(body) != CONTROL.size:
        raise ImageError("is damaged or truncated (a frame of the animation is told in a way that makes no sense)")
    _, width, height, left, top, over, under, disposal, blend = CONTROL.unpack(body)
    if not width * height or left + width > image.width or top + height > image.height or disposal > 2 or blend > 1:
        raise ImageError("is damaged or truncated (a frame of the animation lies outside of it)")
    return _Frame(width, height, left, top, Fraction(over, under or HUNDREDTHS), disposal, blend)


def _decoded(image: Stored, mode: str) -> Pixels:
    """The pixels of an image as they lie in its file, in a mode that may have alpha where the image has none."""
    dtype = np.uint16 if image.depth == 16 else np.uint8
    pixels: NDArray[Any] = np.zeros((image.height, image.width, len(image.mode)), dtype)
    image.fill(pixels, IN_MEMORY)
    if mode != image.mode:
        solid = np.full((*pixels.shape[:2], 1), np.iinfo(dtype).max, dtype)
        pixels = np.concatenate([pixels, solid], axis=2)
    return pixels


def _upright(canvas: Pixels, image: Stored, mode: str) -> Image:
    height, width, channels = canvas.shape
    upright = np.empty((width, height, channels) if image.orientation > 4 else canvas.shape, canvas.dtype)
    as_stored(upright, image.orientation)[...] = canvas
    return Image(upright, mode, image.metadata)


def _composed(
    file: BinaryIO, found: Layout, image: Stored, frames: list[_Frame], mode: str
) -> Iterator[tuple[Pixels, Fraction]]:
    """What is seen during each frame, as it is stored."""
    dtype = np.uint16 if image.depth == 16 else np.uint8
    canvas: Pixels = np.zeros((image.height, image.width, len(mode)), dtype)
    for number, frame in enumerate(frames):
        drawn = _decoded(png(_alone(file, found, frame)), mode)
        before = canvas
        canvas = canvas.copy()
        place = canvas[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width]
        place[...] = _over(drawn, place) if frame.blend == OVER else drawn
        yield canvas, frame.seconds
        if frame.disposal == CLEARED or (frame.disposal == AS_BEFORE and not number):
            canvas = canvas.copy()
            canvas[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width] = 0
        elif frame.disposal == AS_BEFORE:
            canvas = before


def _over(drawn: Pixels, under: Pixels) -> Pixels:
    """Pixels laid over others, both with alpha behind their colours."""
    peak = np.iinfo(drawn.dtype).max
    alpha = drawn[..., -1:].astype(np.float64) / peak
    rest = under[..., -1:].astype(np.float64) / peak * (1 - alpha)
    whole = alpha + rest
    colors = (drawn[..., :-1] * alpha + under[..., :-1] * rest) / np.where(whole, whole, 1)
    laid: Pixels = np.rint(np.concatenate([colors, whole * peak], axis=2)).astype(drawn.dtype)
    return laid


def _alone(file: BinaryIO, found: Layout, frame: _Frame) -> io.BytesIO:
    """One frame as a PNG of its own."""
    header = bytearray(found.chunks[0].body(file))
    header[:8] = struct.pack(">II", frame.width, frame.height)
    whole = [SIGNATURE, packed(b"IHDR", bytes(header))]
    whole += [packed(c.name, c.body(file)) for c in found.chunks if c.name in (b"PLTE", b"tRNS")]
    for chunk in frame.data:
        body = chunk.body(file)
        whole.append(packed(b"IDAT", body if chunk.name == b"IDAT" else body[4:]))
    return io.BytesIO(b"".join([*whole, packed(b"IEND", b"")]))


class PngFrames:
    """Writes the frames of an animated PNG, see `write_animation`: what differs from the frame before."""

    def __init__(self, file: BinaryIO, first: Shown, metadata: Metadata, about: Animation, quality: int | None) -> None:
        self._file = file
        self._before: Pixels | None = None
        self._number, self._drawn = 0, False
        start = bytes(png_file(first.image.pixels[:1, :1], IN_MEMORY)[:START])
        height, width = first.image.pixels.shape[:2]
        file.write(SIGNATURE + packed(b"IHDR", struct.pack(">II", width, height) + start[24:29]))
        file.write(packed(b"acTL", struct.pack(">II", about.count, about.plays)))
        for chunk in head(metadata, first.image.mode):
            file.write(packed(*chunk))

    def add(self, shown: Shown) -> None:
        """The next frame."""
        pixels = shown.image.pixels
        if shown.hidden:
            self._write(pixels, first=True)
            return
        first = self._before is None
        box = (slice(None), slice(None)) if first else bounds((pixels != self._before).any(axis=2))
        part = pixels[box]
        over, under = _delay(shown.seconds)
        height, width = part.shape[:2]
        place = (width, height, box[1].start or 0, box[0].start or 0, over, under, 0, 0)
        self._file.write(packed(b"fcTL", CONTROL.pack(self._next(), *place)))
        self._write(part, first=not self._drawn)
        self._before = pixels

    def _write(self, pixels: Pixels, *, first: bool) -> None:
        whole = io.BytesIO(png_file(pixels, IN_MEMORY))
        for chunk in layout(whole).chunks:
            if chunk.name == b"IDAT":
                body = chunk.body(whole)
                number = b"" if first else self._next().to_bytes(4, "big")
                self._file.write(packed(b"IDAT" if first else b"fdAT", number + body))
        self._drawn = True

    def _next(self) -> int:
        self._number += 1
        return self._number - 1

    def finish(self) -> tuple[str, ...]:
        """Write the end; returns notes of what the format could not hold."""
        self._file.write(packed(b"IEND", b""))
        return ()


def _delay(seconds: Fraction) -> tuple[int, int]:
    """Seconds as two numbers of 16 bits."""
    near = seconds.limit_denominator(MOST_DELAY)
    while near.numerator > MOST_DELAY and near.denominator > 1:
        near = near.limit_denominator(near.denominator // 2)
    return min(near.numerator, MOST_DELAY), near.denominator
