"""Reading images from files: kind and header first, the pixels later, all of it or an error in words."""

from __future__ import annotations

import ctypes
import logging
import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image as PILImage
from PIL import _imaging

from sharpcli.errors import ImageError
from sharpcli.files.formats import NAMED, TABLE
from sharpcli.image.codecs.base import Stored, as_stored
from sharpcli.image.codecs.pillow import by_pillow, header
from sharpcli.image.codecs.png import png
from sharpcli.image.codecs.tiff import tiff
from sharpcli.image.complaints import listening
from sharpcli.image.image import Image
from sharpcli.image.inventory.take import inventory
from sharpcli.image.scratch import IN_MEMORY, Scratch

# Whatever a decoder warns of is either refused by us in words or of no consequence; nobody is to read it on the screen.
for module in ("PIL", "tifffile", "imagecodecs"):
    warnings.filterwarnings("ignore", module=rf"{module}\b")
    logging.getLogger(module).addHandler(logging.NullHandler())
# The library that Pillow reads TIFFs with writes to the screen itself, unless it is told not to, where it can be found.
with suppress(AttributeError, OSError):
    ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)

WORDLESS = (TypeError, AttributeError, LookupError, ArithmeticError, AssertionError, struct.error)
"""Failures of a decoder whose words speak of its code, not of the file."""


MAX_PIXELS = 1 << 28
"""Pixels that are read at once where nobody has compared an image's size with the memory there is."""


@dataclass(frozen=True)
class Header:
    """What is known of an image before its pixels are decoded.

    `format` is Pillow's name; `width` and `height` are in pixels, upright; `mode` and `depth` (8 or 16 bits a channel)
    are those the Image will have; `decoder_bytes` is the memory that decoding takes besides the pixels' array.
    """

    format: str
    width: int
    height: int
    mode: str
    depth: int
    decoder_bytes: int


class ImageSource:
    """An open image file whose `header` is known; `read` decodes it."""

    def __init__(self, path: Path, file: BinaryIO, image: Stored, notes: tuple[str, ...] = ()) -> None:
        self._path, self._file, self._stored, self._notes = path, file, image, notes
        self._state = _state(os.fstat(file.fileno()))
        sides = image.width, image.height
        width, height = sides if image.orientation < 5 else sides[::-1]
        if not width * height:
            raise ImageError("is damaged or truncated (it has no pixels)")
        self.header = Header(image.format, width, height, image.mode, image.depth, image.decoder_bytes)

    def read(self, scratch: Scratch = IN_MEMORY) -> Image:
        """The whole image, upright, its array from `scratch`; to be called once. Raises ImageError."""
        header, image = self.header, self._stored
        with _in_words(self._path), listening() as heard:
            shape = (header.height, header.width, len(header.mode))
            pixels = scratch.empty(shape, np.uint16 if header.depth == 16 else np.uint8)
            try:
                image.fill(as_stored(pixels, image.orientation), scratch)
            finally:  # what was read of a file that changes meanwhile may well be broken, and that is the reason then
                if _state(self._path.stat()) != self._state or _state(os.fstat(self._file.fileno())) != self._state:
                    raise ImageError("changed while it was read")
            parts = inventory(self._file, header.format)
            heard.check()
        notes = (*image.notes, *self._notes, *heard.notes())
        return Image(pixels, header.mode, image.metadata, tuple(dict.fromkeys(notes)), parts)


def _state(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ino


@contextmanager
def opened(path: Path) -> Iterator[ImageSource]:
    """Open an image and read its header only; raises ImageError when it is none, or of a kind that is not read."""
    with _in_words(path):
        file = path.open("rb")
    with file:
        with _in_words(path), listening() as heard:
            image = stored(file)
            heard.check()
            source = ImageSource(path, file, image, heard.notes())
        yield source


def read_image(path: Path) -> Image:
    """Decode one file, its orientation applied; raises ImageError when it cannot be read whole.

    More than 268 megapixels are refused before they are decoded; `opened` leaves that to its caller.
    """
    with opened(path) as source:
        pixels = source.header.width * source.header.height
        if pixels > MAX_PIXELS:
            raise ImageError(
                f"has {pixels / 1e6:.0f} megapixels according to its header; the limit is {MAX_PIXELS / 1e6:.0f}"
            )
        return source.read()


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Any failure of a decoder as an ImageError of one line."""
    try:
        yield
    except (ImageError, MemoryError):
        raise
    except FileNotFoundError as error:
        raise ImageError("no such file") from error
    except PILImage.DecompressionBombError as error:
        limit = 2 * (PILImage.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise ImageError(f"has more than {limit} megapixels, the limit of its format") from error
    except Exception as error:  # decoders raise nearly anything on damaged data; the cause stays attached
        system = isinstance(error, OSError) and error.errno is not None
        what = "cannot be read" if system else "is damaged or truncated"
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        detail = f" ({' '.join(reason.split())})" if reason.strip() and not isinstance(error, WORDLESS) else ""
        raise ImageError(what + detail) from error


def stored(file: BinaryIO) -> Stored:
    """The image of an open file, by its first bytes; raises ImageError or what Pillow and tifffile raise."""
    prefix = file.read(16)
    if not prefix:
        raise ImageError("is empty")
    name = next((name for name in TABLE if _accepts(name, prefix)), None)
    file.seek(0)
    if name == "PNG":
        return png(file)
    if name == "TIFF":
        return tiff(file)
    if name is None:
        raise ImageError(_what(prefix))
    return by_pillow(header(name, file), name, file)


def _accepts(name: str, prefix: bytes) -> bool:
    """Whether a file that begins so is of the format that Pillow calls `name`."""
    accept = PILImage.OPEN[name][1]
    with suppress(struct.error, IndexError):  # the whole file is shorter than what they look at
        return accept is not None and accept(prefix) is True
    return False


def _what(prefix: bytes) -> str:
    PILImage.init()
    known = (name for name in PILImage.OPEN if _accepts(name, prefix))
    return (
        f"{name} is not supported; use {NAMED}" if (name := next(known, None)) else "is not an image that can be read"
    )
