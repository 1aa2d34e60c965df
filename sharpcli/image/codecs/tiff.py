"""TIFF files: tifffile tells what they hold and decodes what loses nothing, Pillow the rest."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

import numpy as np
import tifffile

from sharpcli.errors import PictureError
from sharpcli.image.codecs import deep
from sharpcli.image.codecs.base import PREVIEWS, SEVERAL, UNUSUAL, Stored
from sharpcli.image.codecs.pillow import MODES, decoder_bytes, fill, header
from sharpcli.image.metadata import of_tiff, orientation_of, tiff_tags

MOST_PREVIEWS = 100  # of a TIFF; a made-up file can have a million, each of which takes time


def tiff(file: BinaryIO) -> Stored:
    """The picture of an open TIFF; raises PictureError or what Pillow and tifffile raise."""
    pages = list(_pages(file))
    if not pages:
        raise PictureError("is damaged or truncated (a TIFF without a page)")
    page, *others = pages
    notes = (PREVIEWS,) if others or 330 in page.tags else ()
    exif = tiff_tags(file)
    orientation = orientation_of(exif)
    if mode := deep.mode_of(page):
        metadata = {**of_tiff(exif), "compression": deep.PLAIN[page.compression]}
        depth = 16 if page.dtype == np.uint16 else 8
        copies = orientation > 1 or page.planarconfig == 2
        needs = deep.tiff_bytes(page) + page.nbytes * copies
        filled = partial(deep.fill_tiff, page)
        sides = page.imagewidth, page.imagelength
        return Stored("TIFF", *sides, mode, depth, needs, filled, orientation, metadata, notes)
    if _is_deep_but_packed(page):
        packed = getattr(page.compression, "name", f"method {page.compression}")
        raise PictureError(f"is a TIFF compressed by {packed}, which this cannot read; save it with deflate or LZW")
    if np.max(page.bitspersample) > 8 or page.sampleformat not in (1, 4):
        raise PictureError(UNUSUAL)
    image = header("TIFF", file)
    if image.mode not in MODES:
        raise PictureError(UNUSUAL)
    if page.extrasamples[:1] == (0,):
        notes = (*notes, "a channel of no stated meaning was left out")
    # Pillow turns a TIFF by itself.
    mode = MODES[image.mode]
    needs = decoder_bytes(image, "TIFF", 0)
    return Stored("TIFF", *image.size, mode, 8, needs, partial(fill, [image], mode), 1, of_tiff(exif), notes)


def _is_deep_but_packed(page: tifffile.TiffPage) -> bool:
    """Whether nothing but its compression keeps a page of 16 bits a channel from being read."""
    if page.compression in deep.PLAIN or page.bitspersample != 16 or page.sampleformat != 1:
        return False
    return (int(page.photometric), page.samplesperpixel) in deep.MODES


def _pages(file: BinaryIO) -> Iterator[tifffile.TiffPage]:
    """The picture of a TIFF and its previews; raises PictureError where there is another picture."""
    places: set[int] = set()
    for page in tifffile.TiffFile(file).pages:
        if not isinstance(page, tifffile.TiffPage) or page.offset in places:
            raise PictureError("is damaged or truncated (its pages follow each other in a circle)")
        if bool(places) != bool(page.subfiletype & 1) or len(places) > MOST_PREVIEWS:
            raise PictureError(SEVERAL)
        places.add(page.offset)
        yield page
