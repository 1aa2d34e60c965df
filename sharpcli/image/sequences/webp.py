"""Animated WebPs: libwebp composes their frames, and what lies around these is read and written here (RFC 9649)."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import doubt_zeros
from sharpcli.image.codecs.gif.writer import bounds
from sharpcli.image.codecs.pillow import header, orientation_and_metadata
from sharpcli.image.codecs.webp import (
    ALPHA,
    PIXELS,
    Chunk,
    around,
    carried,
    chunks,
    coded,
    extended,
    packed,
    sound,
)
from sharpcli.image.image import Image, Pixels
from sharpcli.image.metadata import Metadata
from sharpcli.image.read import Header
from sharpcli.image.sequences.pillow import composed
from sharpcli.image.sequences.sequence import MOST_FRAMES, Animation, Shown

MOVES, CLEARS, IN_PLACE = 0x02, 0x01, 0x02
"""Flags: of the file, that it moves; of a frame, that its place is cleared after it, and that it is not laid over."""
HEAD, MOST_DELAY, MOST_PLAYS = 16, (1 << 24) - 1, 65_535


@dataclass(frozen=True)
class _Frame:
    left: int
    top: int
    width: int
    height: int
    milliseconds: int
    flags: int
    inner: tuple[bytes, ...]
    body: bytes


def webp_animation(file: BinaryIO) -> Animation:
    """The frames of an open WebP; raises ImageError or what Pillow raises."""
    image = header("WEBP", file)
    orientation, metadata, notes = orientation_and_metadata(image)
    found = sound(file)
    frames = [_frame(file, chunk) for chunk in found if chunk.name == b"ANMF"]
    control = next((chunk.body(file) for chunk in found if chunk.name == b"ANIM"), b"")
    if len(frames) != getattr(image, "n_frames", 1) or len(control) < 6:
        raise ImageError("is damaged or truncated (frames of the animation are missing)")
    if len(frames) > MOST_FRAMES:
        raise ImageError(f"has more than {MOST_FRAMES} frames, the limit; cut it into parts")
    width, height = image.size
    first = frames[0]
    whole = (first.left, first.top, first.width, first.height) == (0, 0, width, height)
    flags = found[0].body(file)[0]
    mode = "RGB" if whole and not flags & ALPHA and not any(frame.flags & CLEARS for frame in frames) else "RGBA"
    lossless = all(b"VP8L" in frame.inner for frame in frames)
    metadata = {**metadata, "lossless": lossless, **carried(file, found)}
    sides = (width, height) if orientation < 5 else (height, width)
    # libwebp's canvases and copies of one, and the file.
    needs = 24 * width * height + 2 * os.fstat(file.fileno()).st_size

    def shown() -> Iterator[Shown]:
        for pixels, frame in zip(composed(file, mode, orientation), frames, strict=True):
            yield Shown(Image(pixels, mode, metadata), Fraction(frame.milliseconds, 1000), frame)

    return Animation(
        Header("WEBP", *sides, mode, 8, needs), len(frames), int.from_bytes(control[4:6], "little"), shown, notes
    )


def _frame(file: BinaryIO, chunk: Chunk) -> _Frame:
    """Raises ImageError where it makes no sense."""
    body = chunk.body(file)
    if len(body) < HEAD + 8:
        raise ImageError("is damaged or truncated (a frame of the animation has no pixels)")
    left, top, width, height, milliseconds = (int.from_bytes(body[at : at + 3], "little") for at in range(0, 15, 3))
    names, place = [], HEAD
    while place + 8 <= len(body):
        name, length = body[place : place + 4], int.from_bytes(body[place + 4 : place + 8], "little")
        names.append(name)
        if name in PIXELS:
            doubt_zeros(body[place + 8 : place + 8 + length])
        place += 8 + length + length % 2
    return _Frame(2 * left, 2 * top, width + 1, height + 1, milliseconds, body[15], tuple(names), body)


class WebpFrames:
    """Writes the frames of an animated WebP, see `write_animation`: what differs from the frame before."""

    def __init__(self, file: BinaryIO, first: Shown, metadata: Metadata, about: Animation, quality: int | None) -> None:
        self._file, self._quality = file, quality
        self._lossless = bool(metadata.get("lossless"))
        self._before: Pixels | None = None
        self._kept, self._pending = True, 0
        pixels = first.image.pixels
        before, self._behind = around(metadata)
        clear = ALPHA if first.image.mode[-1] == "A" else 0
        height, width = pixels.shape[:2]
        control = b"\0\0\0\0" + min(about.plays, MOST_PLAYS).to_bytes(2, "little")
        parts = [extended(width, height, MOVES | clear, before + self._behind), *before, (b"ANIM", control)]
        file.write(b"RIFF\0\0\0\0WEBP" + b"".join(packed(*part) for part in parts))

    def add(self, shown: Shown) -> None:
        """The next frame."""
        pixels = shown.image.pixels
        fresh = self._before is None or self._kept  # what was taken from a file may not stay as it is seen
        self._kept = self._kept and isinstance(shown.kept, _Frame) and self._quality is None
        if self._kept:
            self._file.write(packed(b"ANMF", shown.kept.body))
        else:
            box = (slice(None), slice(None)) if fresh else bounds((pixels != self._before).any(axis=2), 2)
            part = pixels[box]
            height, width = part.shape[:2]
            left, top = (box[1].start or 0) // 2, (box[0].start or 0) // 2
            delay = min(round(shown.seconds * 1000), MOST_DELAY)
            numbers = (left, top, width - 1, height - 1, delay)
            head = b"".join(number.to_bytes(3, "little") for number in numbers) + bytes([IN_PLACE])
            alone = coded(part, shown.image.mode, self._quality, lossless=self._lossless)
            body = b"".join(packed(one.name, one.body(alone)) for one in chunks(alone) if one.name in PIXELS)
            self._file.write(packed(b"ANMF", head + body))
        self._before = pixels

    def finish(self) -> tuple[str, ...]:
        """Write the end; returns notes of what the format could not hold."""
        size = self._file.tell() + self._file.write(b"".join(packed(*part) for part in self._behind))
        if size - 8 >= 1 << 32:
            raise ValueError("more than the 4 GB of a WebP")
        self._file.seek(4)
        self._file.write(struct.pack("<I", size - 8))
        self._file.seek(size)
        return ()
