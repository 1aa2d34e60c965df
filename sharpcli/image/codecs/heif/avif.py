"""AVIF files: pixels of 8, 10 and 12 bits by libavif, everything else from and into the file's boxes."""

from __future__ import annotations

import os
from functools import partial
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import Stored, doubt_zeros
from sharpcli.image.codecs.heif.boxes import content
from sharpcli.image.codecs.heif.header import SRGB, UNSPECIFIED, Said
from sharpcli.image.codecs.heif.writer import with_items
from sharpcli.image.image import Image, bands
from sharpcli.image.metadata import Metadata
from sharpcli.image.scratch import Scratch

QUALITY, SPEED = 90, 9
BT601, IDENTITY = 6, 0
MATRICES = (1, 5, 6, 9, 12)
"""Ways to make luma and chroma of colours (H.273) that libavif writes; what is in another is written as BT.601."""
PEAK = 65535


def avif(file: BinaryIO, found: Said) -> Stored:
    """The image of an open AVIF."""
    deep = found.bits > 8
    _, _, width, height = found.clip
    if found.metadata.get("nclx", (0, 0, -1))[2] == IDENTITY:
        found.metadata["lossless"] = True  # without loss is what that matrix is for
    # Planes, and the same as colours, besides the file.
    needs = found.width * found.height * 8 * (2 if deep else 1) + 2 * os.fstat(file.fileno()).st_size
    fill = partial(_fill, file, found)
    depth = 16 if deep else 8
    return Stored("AVIF", width, height, found.mode, depth, needs, fill, found.orientation, found.metadata, found.notes)


def _fill(file: BinaryIO, found: Said, target: NDArray[Any], scratch: Scratch) -> None:
    meta = found.meta
    for item in meta.parts(meta.primary) or (meta.primary,):
        doubt_zeros(content(file, meta, item))
    file.seek(0)
    try:
        pixels = imagecodecs.avif_decode(file.read())
    except (imagecodecs.AvifError, ValueError) as error:
        raise ImageError(
            f"is damaged or truncated ({str(error).removeprefix('avifDecoderParse returned ')})"
        ) from error
    shape = found.height, found.width, len(found.mode)
    if pixels.size != shape[0] * shape[1] * shape[2] or (pixels.dtype == np.uint16) != (found.bits > 8):
        raise ImageError("is damaged or truncated (its pixels are others than its header says)")
    left, top, width, height = found.clip
    seen = pixels.reshape(shape)[top : top + height, left : left + width]
    spread(seen, found.bits, target, scratch)


def spread(pixels: NDArray[Any], bits: int, target: NDArray[Any], scratch: Scratch) -> None:
    """Copy H x W x C with values of so many bits into an array of 8 or 16 bits, where white is as white."""
    peak = (1 << bits) - 1
    for rows in bands(*pixels.shape[:2]):
        target[rows] = pixels[rows] if bits in (8, 16) else (pixels[rows].astype(np.uint32) * PEAK + peak // 2) // peak
        scratch.sweep()


def narrowed(pixels: NDArray[Any], bits: int) -> NDArray[Any]:
    """Pixels of 16 bits as values of fewer, rounded; the inverse of `spread`."""
    peak = (1 << bits) - 1
    narrow = np.empty(pixels.shape, np.uint16)
    for rows in bands(*pixels.shape[:2]):
        narrow[rows] = (pixels[rows].astype(np.uint32) * peak + PEAK // 2) // PEAK
    return narrow


def write_avif(file: BinaryIO, image: Image, metadata: Metadata, quality: int | None) -> None:
    """Write an AVIF of the image's bits and chroma sampling; raises OSError, ValueError, imagecodecs' errors."""
    pixels, bits = image.pixels, 8
    if pixels.dtype == np.uint16:
        bits = metadata["bits"]
        pixels = narrowed(pixels, bits)
    primaries, transfer, matrix = _code(metadata)
    lossless = quality is None and metadata.get("lossless", False)
    grey = image.mode in ("L", "LA")
    if grey and not lossless:  # as greys they would be compressed without loss whatever the quality
        pixels = pixels[..., [0, 0, 0, 1][: 3 if image.mode == "L" else 4]]
    sampling = "444" if lossless else "400" if grey else metadata.get("chroma", "420").replace("400", "420")
    encoded = imagecodecs.avif_encode(
        np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels),
        level=100 if lossless else quality or QUALITY,
        speed=SPEED,
        bitspersample=bits,
        pixelformat=None if grey and lossless else sampling,
        primaries=primaries,
        transfer=transfer,
        matrix=IDENTITY if lossless and not grey else matrix if matrix in MATRICES else BT601,
    )
    file.write(with_items(bytes(encoded), metadata))


def _code(metadata: Metadata) -> tuple[int, int, int]:
    """Primaries, transfer and matrix of the file's nclx."""
    code = dict(metadata.get("chunks", ())).get(b"cICP")
    if "nclx" in metadata:
        primaries, transfer, matrix = metadata["nclx"]
        return primaries, transfer, matrix
    if code:
        return code[0], code[1], BT601
    return (*(UNSPECIFIED if "icc_profile" in metadata else SRGB), BT601)
