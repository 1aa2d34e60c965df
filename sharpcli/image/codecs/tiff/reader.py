"""Reading TIFF files: tifffile tells what they hold and decodes what loses nothing, Pillow the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from math import prod
from typing import Any, BinaryIO

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import ImageFile

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import UNUSUAL, SeveralError, Stored, copy_parts, lies_plainly
from sharpcli.image.codecs.pillow import DECODED_MODES, decoder_bytes, fill, header
from sharpcli.image.codecs.tiff.layout import check_layout
from sharpcli.image.codecs.tiff.libtiff import check_strictly, segment_bytes
from sharpcli.image.codecs.tiff.samples import fill_samples, samples_mode, undo_premultiplied
from sharpcli.image.codecs.tiff.tags import check_tags
from sharpcli.image.image import bands
from sharpcli.image.scratch import Scratch
from sharpcli.image.tags.tiff import of_tiff

MOST_PREVIEWS = 100  # of a TIFF; a made-up file can have a million, each of which takes time

BY_PILLOW = (1, 2, 3, 4, 5, 6, 7, 8, 32771, 32773, 32946, 34925, 50000)
"""TIFF's codes of the compressions that Pillow decodes."""
PLAIN = {1: None, 5: "lzw", 8: "zlib", 32773: "packbits", 32946: "zlib"}
"""TIFF's codes of the compressions that lose nothing, and tifffile's names to write them again."""
WEBP = 50001
PLAIN_MODES = {(0, 1): "L", (0, 2): "LA", (1, 1): "L", (1, 2): "LA", (2, 3): "RGB", (2, 4): "RGBA", (5, 4): "CMYK"}
"""The mode of a photometric interpretation and number of samples."""
BUFFER = 1 << 24  # bytes of a compressed TIFF that are read ahead
UNCOMPRESSED = 1
MIN_IS_WHITE, PREMULTIPLIED = 0, 1
STACK = "has several frames or pages behind one directory, as ImageJ writes them; save each as a separate page"


def tiff(file: BinaryIO) -> Stored:
    """The image of an open TIFF; raises SeveralError, ImageError or what Pillow and tifffile raise."""
    pages = list(_pages(file))
    if not pages:
        raise ImageError("is damaged or truncated (a TIFF without a page)")
    page = pages[0]
    if page.planarconfig not in (1, 2):  # readers differ on what to make of it
        raise ImageError("is damaged (how its channels lie is told in a way that makes no sense)")
    if _holds_a_stack(page):
        raise ImageError(STACK)
    return page_image(file, page)


def page_image(file: BinaryIO, page: tifffile.TiffPage) -> Stored:
    """The image of the first page of an open TIFF; raises ImageError or what Pillow and tifffile raise."""
    check_layout(file)
    check_tags(file)
    says = of_tiff(file)
    if mode := mode_of(page):
        metadata = {**says.metadata, "compression": PLAIN.get(page.compression, "zlib")}
        depth = 16 if page.dtype == np.uint16 else 8
        copies = says.orientation > 1 or page.planarconfig == 2
        needs = tiff_bytes(page) + page.nbytes * copies
        filled = partial(fill_tiff, page)
        sides = page.imagewidth, page.imagelength
        return Stored("TIFF", *sides, mode, depth, needs, filled, says.orientation, metadata, says.notes)
    if mode := samples_mode(page):
        needs = 3 * page.nbytes + tiff_bytes(page) + segment_bytes(page)
        filled = partial(_fill_samples, page, file)
        sides = page.imagewidth, page.imagelength
        return Stored("TIFF", *sides, mode, 8, needs, filled, says.orientation, says.metadata, says.notes)
    if page.compression not in BY_PILLOW or _is_deep_but_packed(page):
        packed = getattr(page.compression, "name", f"method {page.compression!r}")
        raise ImageError(f"uses TIFF compression {packed}, which is not supported; save it with deflate or LZW")
    if np.max(page.bitspersample) > 8 or page.sampleformat not in (1, 4):
        raise ImageError(UNUSUAL)
    image = header("TIFF", file)
    if image.mode not in DECODED_MODES:
        raise ImageError(UNUSUAL)
    # Pillow turns a TIFF by itself.
    mode = DECODED_MODES[image.mode]
    needs = decoder_bytes(image, "TIFF", 0) + segment_bytes(page)
    filled = partial(_fill_checked, page, file, [image], mode)
    return Stored("TIFF", *image.size, mode, 8, needs, filled, 1, says.metadata, says.notes)


def _fill_checked(
    page: tifffile.TiffPage,
    file: BinaryIO,
    held: list[ImageFile.ImageFile],
    mode: str,
    target: NDArray[Any],
    scratch: Scratch,
) -> None:
    """Decode by Pillow what libtiff, whose complaints Pillow keeps to itself, has read without an error before."""
    _check_parts(page)
    if page.compression != UNCOMPRESSED:
        check_strictly(page, file)
    fill(held, mode, target, scratch)


def _fill_samples(page: tifffile.TiffPage, file: BinaryIO, target: NDArray[Any], scratch: Scratch) -> None:
    _check_parts(page)
    fill_samples(page, file, target, scratch)


def _holds_a_stack(page: tifffile.TiffPage) -> bool:
    """Whether ImageJ left further images behind the only one that has a directory."""
    found = re.match(r"ImageJ=.*?^images=(\d+)", page.description, re.MULTILINE | re.DOTALL)
    return found is not None and int(found[1]) > 1


def _is_deep_but_packed(page: tifffile.TiffPage) -> bool:
    """Whether nothing but its compression keeps a page of 16 bits a channel from being read."""
    if page.compression in PLAIN or page.bitspersample != 16 or page.sampleformat != 1:
        return False
    return (int(page.photometric), page.samplesperpixel) in PLAIN_MODES


def _pages(file: BinaryIO) -> Iterator[tifffile.TiffPage]:
    """The image of a TIFF and its previews; raises ImageError where there is another image."""
    places: set[int] = set()
    for page in tifffile.TiffFile(file).pages:
        if not isinstance(page, tifffile.TiffPage) or page.offset in places:
            raise ImageError("is damaged (its page list is circular)")
        if bool(places) != bool(page.subfiletype & 1) or len(places) > MOST_PREVIEWS:
            raise SeveralError
        places.add(page.offset)
        yield page


def mode_of(page: tifffile.TiffPage) -> str | None:
    """The mode of a page that `fill_tiff` can read, else None."""
    plain = page.compression in (*PLAIN, WEBP) and page.dtype in (np.uint8, np.uint16) and page.sampleformat == 1
    whole = page.bitspersample == page.dtype.itemsize * 8 if page.dtype else False
    mode = PLAIN_MODES.get((int(page.photometric), page.samplesperpixel)) if plain and whole else None
    # A sample whose meaning the file does not tell is no transparency.
    return None if mode and mode[-1] == "A" and page.extrasamples[:1] not in ((1,), (2,)) else mode


def tiff_bytes(page: tifffile.TiffPage) -> int:
    """The memory that `fill_tiff` needs besides its array, its own copy of an image that has to be turned left out."""
    if page.is_contiguous:
        return 0
    largest = max(page.databytecounts, default=0)
    part = int(np.prod(page.chunks)) * page.dtype.itemsize if page.dtype else 0
    return min(sum(page.databytecounts), max(BUFFER, largest)) + 2 * part


def _check_parts(page: tifffile.TiffPage) -> None:
    """Raise ImageError where strips or tiles are missing."""
    end = page.parent.filehandle.size
    # A decompressor may miss the last bytes without noticing.
    if any(start + count > end for start, count in zip(page.dataoffsets, page.databytecounts, strict=True)):
        raise ImageError("is damaged or truncated (the file ends before its pixels do)")
    if not all(page.databytecounts) or not all(page.dataoffsets) or len(page.dataoffsets) != prod(page.chunked):
        raise ImageError("is damaged or truncated (a part of the image is missing)")


def fill_tiff(page: tifffile.TiffPage, target: NDArray[Any], scratch: Scratch) -> None:
    """Decode one page into H x W x C of its depth and channels; raises ImageError or tifffile's errors."""
    _check_parts(page)
    height, width, channels = target.shape
    planes = page.planarconfig == 2 and channels > 1
    if lies_plainly(target) and not planes:
        page.asarray(out=target.reshape(page.shape), buffersize=BUFFER)
    else:
        whole = scratch.zeros((channels, height, width) if planes else target.shape, target.dtype)
        page.asarray(out=whole.reshape(page.shape), buffersize=BUFFER)
        copy_parts(whole.transpose(1, 2, 0) if planes else whole, target, scratch)
    peak = np.iinfo(target.dtype).max
    for rows in bands(height, width):
        if page.photometric == MIN_IS_WHITE:
            target[rows, :, :1] ^= peak
        if page.extrasamples[:1] == (PREMULTIPLIED,):
            undo_premultiplied(target[rows])
