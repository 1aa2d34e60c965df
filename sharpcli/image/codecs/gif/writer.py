"""Writing GIF files: a palette for each frame, and only what differs from the frame before."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from sharpcli.image.codecs.gif.blocks import (
    APPLICATION,
    COMMENT,
    ICC,
    LOOPS,
    SEVERAL_TIMES,
    GifFrame,
    extension,
    packed,
    xmp_extension,
)
from sharpcli.image.codecs.gif.frames import CLEARED, Composed
from sharpcli.image.metadata import Metadata

COLORS, CLEAR, OPAQUE, STAYS = 256, 255, 128, 1
"""Colours of a palette, the index of the transparent one where there is any, the alpha from which a pixel is seen, and
the disposal of a frame that stays."""
MOST_DELAY, MOST_PLAYS = 65_535, 65_536
ROUNDED = "a GIF holds 256 colours a frame, so colours were rounded; --format webp or png keeps them"
HALF = "a GIF's pixels are seen or not, so half-transparent ones became one of both"
Canvas = NDArray[np.uint8]


def head(width: int, height: int, plays: int, metadata: Metadata, colors: bytes = b"") -> bytes:
    """All that comes before the frames; `colors` is a palette for those that have none of their own."""
    flags = 0x70 | (0x80 | ((len(colors) // 3).bit_length() - 2) if colors else 0)
    aspect = metadata.get("aspect")
    ratio = max(1, min(255, round(aspect[1] / aspect[0] * 64) - 15)) if aspect and aspect[0] != aspect[1] else 0
    whole = b"GIF89a" + struct.pack("<HHBBB", width, height, flags, 0, ratio) + colors
    if plays != 1:
        again = min(plays, MOST_PLAYS) - 1 if plays else 0
        whole += extension(APPLICATION, struct.pack("<BH", SEVERAL_TIMES, again), LOOPS[0])
    if "icc_profile" in metadata:
        whole += extension(APPLICATION, metadata["icc_profile"], ICC)
    if "xmp" in metadata:
        whole += xmp_extension(metadata["xmp"])
    whole += b"".join(extension(COMMENT, one) for one in metadata.get("comments", ()))
    return whole + b"".join(metadata.get("gif", ()))


@dataclass
class _Waiting:
    """A frame whose disposal is told once the next one is known; `as_it_was` is its file's, where it is unchanged."""

    canvas: Canvas
    before: Canvas
    delay: int
    as_it_was: GifFrame | None


class GifWriter:
    """Writes frame after frame; `notes` say what the format could not hold."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: _Waiting | None = None
        self._kept = True
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was lost so far."""
        return tuple(self._notes)

    def add(self, pixels: Canvas, seconds: Fraction, kept: Composed | None) -> None:
        """A frame of the whole canvas, H x W x 3 or 4; `kept` where it is as in its file, and so were all before."""
        canvas = self._solid(pixels)
        self._kept = self._kept and kept is not None
        waiting = self._waiting
        if waiting is None:
            before = np.zeros_like(canvas)
        elif self._kept and kept:
            before = kept.before
            self._write(waiting, None)
        else:
            # Pixels can only be made transparent by what becomes of the frame before.
            clears = bool((canvas[..., 3] < waiting.canvas[..., 3]).any())
            self._write(waiting, CLEARED if clears else STAYS)
            before = np.zeros_like(canvas) if clears else waiting.canvas
        delay = min(round(seconds * 100), MOST_DELAY)
        self._waiting = _Waiting(canvas, before, delay, kept.frame if kept and self._kept else None)

    def finish(self) -> None:
        """Write the last frame and the file's end."""
        if self._waiting:
            self._write(self._waiting, None)
        self._file.write(b";")

    def _solid(self, pixels: Canvas) -> Canvas:
        """H x W x 4 with alpha of 0 or 255, black where it is 0."""
        height, width, channels = pixels.shape
        canvas = np.zeros((height, width, 4), np.uint8)
        colors = channels - 1 if channels in (2, 4) else channels
        canvas[..., :3] = pixels[..., :colors]
        canvas[..., 3] = 255
        if channels in (2, 4):
            alpha = pixels[..., -1]
            if ((alpha > 0) & (alpha < 255)).any():
                self._notes[HALF] = None
            canvas[alpha < OPAQUE] = 0
        return canvas

    def _write(self, waiting: _Waiting, disposal: int | None) -> None:
        """A frame, `disposal` None where that of its file, or any, will do."""
        was = waiting.as_it_was
        if was and disposal != CLEARED:
            self._file.write(packed(was if disposal is None else replace(was, disposal=disposal)))
            return
        changed = (waiting.canvas != waiting.before).any(axis=2)
        box = (slice(None), slice(None)) if disposal == CLEARED else bounds(changed)
        frame = self._coded(waiting.canvas[box], changed[box] & (waiting.canvas[box][..., 3] > 0))
        rows, columns = box
        place = {"left": columns.start or 0, "top": rows.start or 0}
        self._file.write(packed(replace(frame, **place, delay=waiting.delay, disposal=disposal or STAYS)))

    def _coded(self, canvas: Canvas, drawn: NDArray[np.bool_]) -> GifFrame:
        """A frame that shows the pixels `drawn` of these H x W x 4, and leaves the others as they are."""
        height, width = drawn.shape
        clear = not drawn.all()
        most = COLORS - clear
        colors = np.unique(canvas[drawn][:, :3] @ np.array([1 << 16, 1 << 8, 1]))
        if len(colors) <= most:
            table = np.stack([colors >> 16, colors >> 8 & 255, colors & 255], axis=1).astype(np.uint8)
            places = np.searchsorted(colors, canvas[..., :3] @ np.array([1 << 16, 1 << 8, 1]))
            shown = places.clip(0, max(0, len(colors) - 1)).astype(np.uint8)
        else:
            self._notes[ROUNDED] = None
            table, shown = _rounded(canvas, drawn, most)
        shown[~drawn] = CLEAR
        data = b"\x08" + PILImage.fromarray(shown).tobytes("gif", "L", 8, 0) + b"\0"
        palette = table.tobytes().ljust(3 * COLORS, b"\0")
        return GifFrame(0, 0, width, height, 0, STAYS, CLEAR if clear else None, palette, data)


def _rounded(canvas: Canvas, drawn: NDArray[np.bool_], most: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The best palette for some pixels, and each as an index into it, errors spread to its neighbours."""
    seen = PILImage.fromarray(np.ascontiguousarray(canvas[drawn][:, :3])[None])
    palette = seen.quantize(most, PILImage.Quantize.MEDIANCUT, kmeans=1)
    whole = PILImage.fromarray(np.ascontiguousarray(canvas[..., :3]))
    coded = whole.quantize(palette=palette, dither=PILImage.Dither.FLOYDSTEINBERG)
    table = np.frombuffer(bytes(palette.getpalette() or b""), np.uint8).reshape(-1, 3)[:most]
    return table, np.array(coded)


def bounds(changed: NDArray[np.bool_], step: int = 1) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around what is marked, from multiples of `step`; one pixel for nothing."""
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not len(rows):
        return slice(0, 1), slice(0, 1)
    return (
        slice(int(rows[0]) // step * step, int(rows[-1]) + 1),
        slice(int(columns[0]) // step * step, int(columns[-1]) + 1),
    )


def write_gif(file: BinaryIO, pixels: Canvas, metadata: Metadata) -> tuple[str, ...]:
    """Write a GIF of one frame, H x W x C; returns notes of what the format could not hold. Raises OSError."""
    height, width = pixels.shape[:2]
    file.write(head(width, height, 1, metadata))
    writer = GifWriter(file)
    writer.add(pixels, Fraction(0), None)
    writer.finish()
    return writer.notes
