"""Tells what kind of file a picture lies in, and what is needed to read it."""

from __future__ import annotations

import ctypes
import logging
import struct
import warnings
from contextlib import suppress
from typing import BinaryIO

from PIL import Image, _imaging

from sharpcli.errors import PictureError
from sharpcli.files.formats import NAMED, TABLE
from sharpcli.image.codecs.base import Stored
from sharpcli.image.codecs.pillow import by_pillow, header
from sharpcli.image.codecs.png import png
from sharpcli.image.codecs.tiff import tiff

# Whatever a decoder warns of is either refused by us in words or of no consequence; nobody is to read it on the screen.
for module in ("PIL", "tifffile", "imagecodecs"):
    warnings.filterwarnings("ignore", module=rf"{module}\b")
    logging.getLogger(module).addHandler(logging.NullHandler())
# The library that Pillow reads TIFFs with writes to the screen itself, unless it is told not to, where it can be found.
with suppress(AttributeError, OSError):
    ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)


def stored(file: BinaryIO) -> Stored:
    """The picture of an open file, by its first bytes; raises PictureError or what Pillow and tifffile raise."""
    prefix = file.read(16)
    if not prefix:
        raise PictureError("is empty")
    name = next((name for name in TABLE if _accepts(name, prefix)), None)
    file.seek(0)
    if name == "PNG":
        return png(file)
    if name == "TIFF":
        return tiff(file)
    if name is None:
        raise PictureError(_what(prefix))
    return by_pillow(header(name, file), name, file)


def _accepts(name: str, prefix: bytes) -> bool:
    """Whether a file that begins so is of the format that Pillow calls `name`."""
    accept = Image.OPEN[name][1]
    with suppress(struct.error, IndexError):  # the whole file is shorter than what they look at
        return accept is not None and accept(prefix) is True
    return False


def _what(prefix: bytes) -> str:
    Image.init()
    known = (name for name in Image.OPEN if _accepts(name, prefix))
    return f"{name} is not supported; use {NAMED}" if (name := next(known, None)) else "is not a picture this can read"
