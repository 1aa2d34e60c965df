"""An image as it lies in its file: not yet upright, not yet decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.image.complaints import complain
from sharpcli.image.image import blocks
from sharpcli.image.metadata import Metadata
from sharpcli.image.scratch import Scratch

Fill = Callable[[NDArray[Any], Scratch], None]
UNUSUAL = "has a colour space or a number format that is not supported; save it as 8- or 16-bit RGB or grey"
SEVERAL = "has several frames or pages; save each as a separate file"
QUALITY = 95
ZEROS = 64
PREVIEWS = "embedded previews were dropped"


class SeveralError(ImageError):
    """For who wants one image: the file is a sequence, which `sequences` reads."""

    def __init__(self) -> None:
        super().__init__("has several frames or pages, and one image is needed here; `sharpcli enhance` does them all")


@dataclass(frozen=True)
class Stored:
    """What a file's header says, sides as stored, and `fill`, which decodes into an array of stored H x W x C.

    `decoder_bytes` is the memory that `fill` needs besides the array, `coefficients` what of it writing the image again
    in the same format needs too (of a progressive JPEG).
    """

    format: str
    width: int
    height: int
    mode: str
    depth: int
    decoder_bytes: int
    fill: Fill
    orientation: int = 1
    metadata: Metadata = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    coefficients: int = 0


def as_stored(upright: NDArray[Any], orientation: int) -> NDArray[Any]:
    """A view of an upright H x W x C array in which the image lies as it was stored (Exif's orientations 1-8)."""
    turned = upright if orientation < 5 else upright.transpose(1, 0, 2)
    across, down = {2: (-1, 1), 3: (-1, -1), 4: (1, -1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}.get(orientation, (1, 1))
    return turned[::down, ::across]


def lies_plainly(array: NDArray[Any]) -> bool:
    """Whether a decoder can fill H x W x C as it is; NumPy calls arrays contiguous whatever a side of 1 steps by."""
    _, width, channels = array.shape
    size = array.itemsize
    return array.strides == (width * channels * size, channels * size, size)


def copy_parts(source: NDArray[Any], target: NDArray[Any], scratch: Scratch) -> None:
    """Copy H x W x C part by part, which keeps file-backed arrays of `scratch` out of memory."""
    for part in blocks(target):
        np.copyto(target[part], source[part])
        scratch.sweep()


def doubt_zeros(data: bytes) -> None:
    """Complain of compressed pixels that end in zeros, as those of a file do whose end never arrived.

    Decoders without a checksum make pixels of them. No encoder writes so many, but an image of one colour may.
    """
    if len(data) > ZEROS and not data[-ZEROS:].strip(b"\0"):
        complain("the data of its pixels ends in zeros, so a part may be missing")


def in_integers(aspect: tuple[float, float]) -> tuple[int, int]:
    """Pixels a unit across and down, in a unit in which both are whole or nearly so, below 2^31."""
    scale = next((10**digits for digits in range(6) if all(side * 10**digits % 1 == 0 for side in aspect)), 10**6)
    while scale > 1 and max(aspect) * scale >= 1 << 31:
        scale //= 10
    across, down = (min(max(1, round(side * scale)), (1 << 31) - 1) for side in aspect)
    return across, down
