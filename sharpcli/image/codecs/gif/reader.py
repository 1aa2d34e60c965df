"""Reading GIF files of one frame as images, and what GIFs of any number say besides their frames."""

from __future__ import annotations

from typing import Any, BinaryIO

from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import SeveralError, Stored
from sharpcli.image.codecs.gif.blocks import Blocks, blocks
from sharpcli.image.codecs.gif.frames import composed, has_alpha
from sharpcli.image.complaints import complain
from sharpcli.image.metadata import Metadata
from sharpcli.image.scratch import Scratch
from sharpcli.image.tags.xmp import corrected

CANVAS = 4
"""Bytes of a pixel on the screen."""


def gif(file: BinaryIO) -> Stored:
    """The image of an open GIF of one frame; raises SeveralError, ImageError."""
    found = sound(file)
    if len(found.frames) > 1:
        raise SeveralError
    mode = mode_of(found)

    def fill(target: NDArray[Any], scratch: Scratch) -> None:
        target[...] = next(composed(found)).canvas[..., : len(mode)]

    return Stored("GIF", found.width, found.height, mode, 8, decoder_bytes(found), fill, 1, metadata(found))


def sound(file: BinaryIO) -> Blocks:
    """The blocks of an open GIF that has a frame; raises ImageError. Complains where its end is missing."""
    found = blocks(file)
    if not found.frames:
        raise ImageError("is damaged or truncated (it has no pixels)")
    if found.end < 0:
        complain("its end is missing, so frames may be too")
    return found


def mode_of(found: Blocks) -> str:
    """RGB, or RGBA where a place may be transparent."""
    return "RGBA" if has_alpha(found) else "RGB"


def decoder_bytes(found: Blocks) -> int:
    """The memory that composing takes besides the frame that is seen."""
    largest = max(frame.width * frame.height for frame in found.frames)
    coded = sum(len(frame.data) for frame in found.frames)
    return 3 * CANVAS * found.width * found.height + (2 + CANVAS) * largest + coded


def metadata(found: Blocks) -> Metadata:
    """What is kept of a GIF besides its frames."""
    aspect = (64.0, found.aspect + 15.0) if found.aspect and found.aspect != 49 else None  # pixels of 49 are square
    kept = {
        "comments": tuple(found.comments),
        "xmp": corrected(found.xmp, set()) if found.xmp else b"",
        "icc_profile": found.profile,
        "gif": tuple(found.applications),
        "aspect": aspect,
    }
    return {key: value for key, value in kept.items() if value}
