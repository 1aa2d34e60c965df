"""Reading images from files: kind and header first, the pixels later, all of it or an error in words."""

from __future__ import annotations

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

from sharpcli.errors import ImageError
from sharpcli.files.formats import HEAD, HEIC, NAMED, begins, ending_of, format_of
from sharpcli.files.paths import file_in_words
from sharpcli.files.unsupported import raw, reason, reason_called
from sharpcli.image.codecs.base import Stored, as_stored
from sharpcli.image.codecs.bmp import bmp
from sharpcli.image.codecs.gif.reader import gif
from sharpcli.image.codecs.hearing import ToTheImage
from sharpcli.image.codecs.heif.avif import avif
from sharpcli.image.codecs.heif.header import said
from sharpcli.image.codecs.heif.heic import heic
from sharpcli.image.codecs.jpeg import jpeg
from sharpcli.image.codecs.png.reader import png
from sharpcli.image.codecs.tiff.reader import tiff
from sharpcli.image.codecs.webp import webp
from sharpcli.image.complaints import listening, one_line
from sharpcli.image.image import Image
from sharpcli.image.inventory.take import inventory
from sharpcli.image.raw import raw_ending
from sharpcli.image.scratch import IN_MEMORY, Scratch

# What a decoder has to say goes to the image that it is about; nobody is to read it on the screen.
for module in ("PIL", "tifffile", "imagecodecs"):
    warnings.filterwarnings("ignore", module=rf"{module}\b")
    logging.getLogger(module).addHandler(logging.NullHandler() if module == "PIL" else ToTheImage(logging.WARNING))

READERS = {"PNG": png, "JPEG": jpeg, "WEBP": webp, "TIFF": tiff, "BMP": bmp, "GIF": gif}
"""What reads a format that is told by its first bytes alone."""

WORDLESS = (TypeError, AttributeError, LookupError, ArithmeticError, AssertionError, struct.error)
"""Failures of a decoder whose words speak of its code, not of the file."""


MAX_PIXELS = 1 << 28
"""Pixels that are read at once where nobody has compared an image's size with the memory there is."""


@dataclass(frozen=True)
class Header:
    """What is known of an image before its pixels are decoded.

    `format` is Pillow's name; `width` and `height` are in pixels, upright; `mode` and `depth` (8 or 16 bits a channel)
    are those the Image will have; `decoder_bytes` is the memory that decoding takes besides the pixels' array, and
    `coefficients` what of it encoding again in the same format takes too.
    """

    format: str
    width: int
    height: int
    mode: str
    depth: int
    decoder_bytes: int
    coefficients: int = 0


class ImageSource:
    """An open image file whose `header` is known; `read` decodes it."""

    def __init__(self, path: Path, file: BinaryIO, image: Stored, notes: tuple[str, ...] = ()) -> None:
        self._path, self._file, self._stored, self._notes = path, file, image, notes
        self._state = state_of(os.fstat(file.fileno()))
        sides = image.width, image.height
        width, height = sides if image.orientation < 5 else sides[::-1]
        if not width * height:
            raise ImageError("is damaged or truncated (it has no pixels)")
        self.header = Header(
            image.format, width, height, image.mode, image.depth, image.decoder_bytes, image.coefficients
        )

    def read(self, scratch: Scratch = IN_MEMORY) -> Image:
        """The whole image, upright, its array from `scratch`; to be called once. Raises ImageError."""
        header, image = self.header, self._stored
        with in_words(self._path), listening() as heard:
            shape = (header.height, header.width, len(header.mode))
            pixels = scratch.zeros(shape, np.uint16 if header.depth == 16 else np.uint8)
            try:
                image.fill(as_stored(pixels, image.orientation), scratch)
            finally:  # what was read of a file that changes meanwhile may well be broken, and that is the reason then
                if state_of(self._path.stat()) != self._state or state_of(os.fstat(self._file.fileno())) != self._state:
                    raise ImageError("changed while it was read")
            parts = inventory(self._file, header.format)
            heard.check()
        notes = (*image.notes, *self._notes, *heard.notes())
        return Image(pixels, header.mode, image.metadata, tuple(dict.fromkeys(notes)), parts)


def state_of(found: os.stat_result) -> tuple[int, int, int]:
    """What tells that a file was changed."""
    return found.st_size, found.st_mtime_ns, found.st_ino


@contextmanager
def opened(path: Path) -> Iterator[ImageSource]:
    """Open an image and read its header only; raises ImageError when it is none, or of a kind that is not read."""
    with in_words(path):
        if what := file_in_words(path.stat().st_mode):  # who opens a pipe waits for somebody to fill it
            raise ImageError(what)
        file = path.open("rb")
    with file:
        with in_words(path), listening() as heard:
            image = stored(file, ending_of(path))
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
def in_words(path: Path) -> Iterator[None]:
    """Any failure of a decoder as an ImageError of one line."""
    try:
        yield
    except ImageError as error:
        if not str(error).isprintable():  # it has words of a decoder's in it
            raise ImageError(one_line(str(error))) from error
        raise
    except MemoryError:
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
        detail = f" ({one_line(reason)})" if reason.strip() and not isinstance(error, WORDLESS) else ""
        raise ImageError(what + detail) from error


def stored(file: BinaryIO, ending: str = "") -> Stored:
    """The image of an open file, by its first bytes; raises ImageError or what Pillow and tifffile raise.

    `ending` is how it is called, which only counts where its bytes do not tell a RAW file from others.
    """
    head = file.read(HEAD)
    if not head:
        raise ImageError("is empty")
    file.seek(0)
    format = format_of(head)
    if (format and format.name == "AVIF") or begins(HEIC, head):
        found = said(file)
        return avif(file, found) if found.coding == b"av01" else heic(file, found)
    if format is None:
        raise ImageError(reason(head) or reason_called(ending) or _what(head))
    if format.name == "TIFF" and (of_camera := raw_ending(file, ending)):
        raise ImageError(raw(of_camera))
    return READERS[format.name](file)


def _what(head: bytes) -> str:
    """Why a file that begins so is not read, by what Pillow knows of it."""
    PILImage.init()
    known = (name for name in PILImage.OPEN if _accepts(name, head[:16]))
    return (
        f"{name} is not supported; use {NAMED}" if (name := next(known, None)) else "is not an image that can be read"
    )


def _accepts(name: str, prefix: bytes) -> bool:
    """Whether a file that begins so is of the format that Pillow calls `name`."""
    accept = PILImage.OPEN[name][1]
    with suppress(struct.error, IndexError):  # the whole file is shorter than what they look at
        return accept is not None and accept(prefix) is True
    return False
