"""HEIC files, whose pixels libheif decodes where the extra `heic` is installed; they are not written."""

from __future__ import annotations

import os
from functools import partial
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import UNUSUAL, Stored
from sharpcli.image.codecs.heif.avif import spread
from sharpcli.image.codecs.heif.boxes import Meta, content
from sharpcli.image.codecs.heif.header import Said
from sharpcli.image.scratch import Scratch

WITHOUT = "is HEIC, which needs the extra heic (pip install 'sharpcli[heic]'); or save it as JPEG first"
FORBIDDEN = (b"\0\0\0", b"\0\0\1", b"\0\0\2")
"""What HEVC's data never holds (ITU-T H.265, 7.3.1.1)."""


def heic(file: BinaryIO, found: Said) -> Stored:
    """The image of an open HEIC, upright as libheif decodes it; raises ImageError."""
    try:
        import pillow_heif  # noqa: F401 (an extra: without it other formats are read as ever)
    except ImportError as error:
        raise ImageError(WITHOUT) from error
    deep = found.bits > 8
    _, _, width, height = found.clip
    sides = (width, height) if found.orientation < 5 else (height, width)
    needs = found.width * found.height * 8 * (2 if deep else 1) + 2 * os.fstat(file.fileno()).st_size
    fill = partial(_fill, file, found)
    return Stored("HEIC", *sides, found.mode, 16 if deep else 8, needs, fill, 1, found.metadata, found.notes)


def _fill(file: BinaryIO, found: Said, target: NDArray[Any], scratch: Scratch) -> None:
    import pillow_heif

    _check(file, found.meta)
    file.seek(0)
    images = pillow_heif.open_heif(file, convert_hdr_to_8bit=False)
    image = images[images.primary_index]
    if image.premultiplied_alpha:
        raise ImageError(UNUSUAL)
    pixels = np.asarray(image)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if found.mode == "LA" and pixels.shape[2] == 4:
        pixels = pixels[..., [0, 3]]
    if pixels.shape != target.shape or (pixels.dtype == np.uint16) != (found.bits > 8):
        raise ImageError("is damaged or truncated (its pixels are others than its header says)")
    if found.bits > 8:
        pixels = pixels >> (16 - found.bits)  # libheif's levels, which were shifted to fill 16 bits
    spread(pixels, found.bits, target, scratch)


def _check(file: BinaryIO, meta: Meta) -> None:
    """Refuse HEVC data with holes, which its decoder would fill by guessing without a word; raises ImageError."""
    for item in meta.parts(meta.primary) or (meta.primary,):
        length = (dict(meta.of(item)).get(b"hvcC", b"").ljust(22, b"\3")[21] & 3) + 1
        data, place = content(file, meta, item), 0
        while place < len(data):
            unit = data[place + length : place + length + int.from_bytes(data[place : place + length], "big")]
            place += length + int.from_bytes(data[place : place + length], "big")
            if place > len(data) or not unit or unit[-1] == 0 or any(bad in unit for bad in FORBIDDEN):
                raise ImageError("is damaged or truncated (its pixels' data has holes)")
        if not data:
            raise ImageError("is damaged or truncated (a part of the image is empty)")
