"""TIFF pages of up to 8 bits whose samples are no pixels yet: palettes, single bits, channels without meaning, JPEG."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
import tifffile
from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.image.codecs.tiff.libtiff import check_strictly
from sharpcli.image.image import bands
from sharpcli.image.scratch import Scratch

JPEG = 7
DECODED = (1, 5, JPEG, 8, 32773, 32946, 34925, 50000, 50001)
"""Compressions that tifffile decodes, and tells when it cannot; of JPEG's damage libtiff tells."""
WHITE_IS_ZERO, PALETTE, YCBCR = 0, 3, 6
COLORS = {(WHITE_IS_ZERO, 1): "L", (1, 1): "L", (2, 3): "RGB", (PALETTE, 1): "RGB", (5, 4): "CMYK"}
ALPHA, PREMULTIPLIED = (1, 2), 1
PLANES_APART = 2


def samples_mode(page: tifffile.TiffPage) -> str | None:
    """The mode of a page that `fill_samples` can read, else None."""
    if page.compression not in DECODED or page.bitspersample not in (1, 2, 4, 8) or page.sampleformat not in (1, 4):
        return None
    if page.predictor not in (1, 2):
        return None
    colors = page.samplesperpixel - len(page.extrasamples)
    photometric = int(page.photometric)
    if photometric == YCBCR and page.compression == JPEG:
        photometric = 2  # what JPEG's decoder makes of it
    mode = COLORS.get((photometric, colors))
    alpha = mode in ("L", "RGB") and page.extrasamples[:1] and page.extrasamples[0] in ALPHA
    return f"{mode}A" if mode and alpha else mode


def fill_samples(page: tifffile.TiffPage, file: BinaryIO, target: NDArray[Any], scratch: Scratch) -> None:
    """Decode one page into uint8 H x W x C; raises ImageError or tifffile's errors."""
    if page.compression == JPEG:
        check_strictly(page, file)
    samples = page.asarray()
    height, width = target.shape[:2]
    if page.planarconfig == PLANES_APART and page.samplesperpixel > 1:
        samples = samples.reshape(page.samplesperpixel, height, width).transpose(1, 2, 0)
    samples = samples.reshape(height, width, page.samplesperpixel)
    for rows in bands(height, width):
        target[rows] = _pixels(page, samples[rows], target.shape[2])
        scratch.sweep()


def _pixels(page: tifffile.TiffPage, samples: NDArray[Any], channels: int) -> NDArray[Any]:
    peak = (1 << page.bitspersample) - 1
    if page.photometric == PALETTE:
        if page.colormap is None or page.colormap.shape != (3, peak + 1):
            raise ImageError("is damaged (its palette is of the wrong size)")
        colors = (page.colormap.T >> 8).astype(np.uint8)[samples[..., 0].astype(np.intp)]
        pixels = np.concatenate([colors, _spread(samples[..., 1:], peak)], axis=2)
    else:
        pixels = _spread(samples, peak)
        if page.photometric == WHITE_IS_ZERO:
            pixels[..., 0] = 255 - pixels[..., 0]
    pixels = pixels[..., :channels]
    if channels in (2, 4) and page.extrasamples[:1] == (PREMULTIPLIED,):
        undo_premultiplied(pixels)
    return pixels


def _spread(samples: NDArray[Any], peak: int) -> NDArray[np.uint8]:
    """Samples from 0 to `peak` as 0 to 255."""
    spread: NDArray[np.uint8] = samples.astype(np.uint8) * np.uint8(255 // peak)
    return spread


def undo_premultiplied(pixels: NDArray[Any]) -> None:
    """Divide the colours of H x W x C by the alpha behind them, in place."""
    peak = np.uint32(np.iinfo(pixels.dtype).max)
    alpha = np.maximum(pixels[..., -1:].astype(np.uint32), 1)
    pixels[..., :-1] = np.minimum((pixels[..., :-1] * peak + alpha // 2) // alpha, peak)
