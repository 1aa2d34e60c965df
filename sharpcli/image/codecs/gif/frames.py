"""The frames of a GIF as a browser shows them: decoded by Pillow, put onto the screen and taken off it again here."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin

from sharpcli.errors import ImageError
from sharpcli.image.codecs.gif.blocks import HEAD, Blocks, GifFrame, packed

GREY = bytes(level for level in range(256) for _ in range(3))
CLEARED, AS_BEFORE = 2, 3
"""Disposals, see `GifFrame`."""


@dataclass(frozen=True)
class Composed:
    """What is seen during a frame, and what the screen showed when it was drawn: H x W x 4, uint8.

    `colors` is the screen's palette.
    """

    frame: GifFrame
    colors: bytes
    canvas: NDArray[np.uint8]
    before: NDArray[np.uint8]


def composed(found: Blocks) -> Iterator[Composed]:
    """Each frame of a GIF on its screen, which begins transparent; the arrays are not changed later.

    A frame's place is cleared to transparency, whatever the file calls its background: so do all browsers.
    """
    canvas = np.zeros((found.height, found.width, 4), np.uint8)
    for frame in found.frames:
        before = canvas
        canvas = canvas.copy()
        rows = slice(frame.top, min(frame.top + frame.height, found.height))
        columns = slice(frame.left, min(frame.left + frame.width, found.width))
        drawn = indices(frame)[: max(0, rows.stop - rows.start), : max(0, columns.stop - columns.start)]
        colors = _colors(frame.colors or found.colors, frame.clear)[drawn]
        place = canvas[rows, columns]
        np.copyto(place, colors, where=(colors[..., 3:] > 0))
        yield Composed(frame, found.colors, canvas, before)
        if frame.disposal == CLEARED:
            canvas = canvas.copy()
            canvas[rows, columns] = 0
        elif frame.disposal == AS_BEFORE:
            canvas = before


def _colors(palette: bytes, clear: int | None) -> NDArray[np.uint8]:
    """A colour with alpha for each of 256 indices; black for those that the palette lacks."""
    table = np.zeros((256, 4), np.uint8)
    known = np.frombuffer(palette or GREY, np.uint8).reshape(-1, 3)
    table[: len(known), :3] = known
    table[:, 3] = 255
    if clear is not None:
        table[clear] = 0
    return table


def indices(frame: GifFrame) -> NDArray[np.uint8]:
    """The colours of a frame as indices, H x W; raises ImageError, and what Pillow raises."""
    if not frame.width * frame.height:
        return np.zeros((frame.height, frame.width), np.uint8)
    bare = replace(frame, left=0, top=0, colors=GREY, clear=None, disposal=0)
    head = b"GIF89a" + struct.pack("<HHBBB", frame.width, frame.height, 0, 0, 0)
    assert len(head) == HEAD
    image = GifImagePlugin.GifImageFile(io.BytesIO(head + packed(bare) + b";"))
    image.load()
    drawn: NDArray[np.uint8] = np.asarray(image)
    if drawn.shape != (frame.height, frame.width):
        raise ImageError("is damaged or truncated (a frame of the GIF cannot be decoded)")
    return drawn


def has_alpha(found: Blocks) -> bool:
    """Whether a place of the screen may be transparent at some time."""
    first = found.frames[0] if found.frames else None
    whole = first and (first.left, first.top, first.width, first.height) == (0, 0, found.width, found.height)
    return not whole or any(frame.clear is not None or frame.disposal == CLEARED for frame in found.frames)
