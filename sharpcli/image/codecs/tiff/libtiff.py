"""A strict reading of a TIFF by libtiff, which tells all that Pillow, decoding with the same library, does not.

Pillow switches libtiff's warnings off whenever it decodes, goes on after most of its errors, and hands over buffers
that a damaged fax left as they came from the system, with what was in memory before.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import _imaging

from sharpcli.errors import ImageError
from sharpcli.image.complaints import complain, listening

FAX = (2, 3, 4, 32771)
"""Compressions whose decoder may end early as if it were done: told by what it leaves as it was."""
PARTIAL = "premature"
"""How warnings of libtiff begin that say that pixels are missing: a line or a strip ends early."""
NO_DAMAGE = "Deprecated"
"""How it begins what it thinks of old-style JPEG, which is whole nevertheless."""
LONGEST = 300
Bytes = NDArray[np.uint8]
DEAF = (*FAX, 6, 7)
"""Compressions of whose damage imagecodecs does not tell either."""

_Says = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p
)
# A list of arguments in C is, or is passed as, one pointer on all platforms that Pillow's wheels are made for.
_Number, _Open, _Read = ctypes.c_uint32, ctypes.c_void_p, ctypes.c_ssize_t
SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "TIFFOpenOptionsAlloc": (_Open, ()),
    "TIFFOpenOptionsFree": (None, (_Open,)),
    "TIFFOpenOptionsSetErrorHandlerExtR": (None, (_Open, _Says, _Open)),
    "TIFFOpenOptionsSetWarningHandlerExtR": (None, (_Open, _Says, _Open)),
    "TIFFFdOpenExt": (_Open, (ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, _Open)),
    "TIFFSetSubDirectory": (ctypes.c_int, (_Open, ctypes.c_uint64)),
    "TIFFClose": (None, (_Open,)),
    "TIFFIsTiled": (ctypes.c_int, (_Open,)),
    "TIFFNumberOfStrips": (_Number, (_Open,)),
    "TIFFNumberOfTiles": (_Number, (_Open,)),
    "TIFFStripSize": (_Read, (_Open,)),
    "TIFFTileSize": (_Read, (_Open,)),
    "TIFFReadEncodedStrip": (_Read, (_Open, _Number, _Open, _Read)),
    "TIFFReadEncodedTile": (_Read, (_Open, _Number, _Open, _Read)),
}


def _library() -> Any:
    """Pillow's own libtiff, or None where its functions cannot be reached or are of a version before 4.5."""
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(_imaging.__file__)
        for name, (result, arguments) in SIGNATURES.items():
            getattr(library, name).restype, getattr(library, name).argtypes = result, arguments
        return library
    return None


def _formatter() -> Any:
    """C's vsnprintf, or None."""
    with suppress(AttributeError, OSError, TypeError):
        function = ctypes.CDLL(None).vsnprintf
        function.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_void_p)
        return function
    return None


LIBRARY, FORMATTER = _library(), _formatter()


def _words(format: bytes, arguments: int) -> str:
    buffer = ctypes.create_string_buffer(LONGEST)
    if not FORMATTER or FORMATTER(buffer, LONGEST, format, arguments) < 0:
        return "libtiff found an error in it"
    return buffer.value.decode("utf-8", "replace")


with suppress(AttributeError, OSError):  # it writes to the screen while Pillow decodes, unless it is told not to
    ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)


def segment_bytes(page: tifffile.TiffPage) -> int:
    """The memory that `check_strictly` takes for a page."""
    return _segment(page) * (2 if page.compression in FAX else 1)


def _segment(page: tifffile.TiffPage) -> int:
    """Bytes of a strip or tile with its pixels packed."""
    rows = page.tilelength if page.is_tiled else min(page.rowsperstrip or page.imagelength, page.imagelength)
    columns = page.tilewidth if page.is_tiled else page.imagewidth
    return rows * -(-columns * page.samplesperpixel * int(np.max(page.bitspersample)) // 8)


def check_strictly(page: tifffile.TiffPage, file: BinaryIO) -> None:
    """Decode a page strictly; what is wrong with it raises ImageError or is complained of.

    Where libtiff is out of reach (it is part of Pillow itself on Windows), tifffile reads the page instead, and a
    compression that it reads without telling damage gets a warning.
    """
    # The place where the system is in the file is shared, and what has read ahead of it relies on it.
    place = os.lseek(file.fileno(), 0, os.SEEK_CUR)
    try:
        with listening() as heard:
            _check(page, file)
    finally:
        os.lseek(file.fileno(), place, os.SEEK_SET)
    heard.check()
    for text in heard.warnings:
        complain(text)


def _check(page: tifffile.TiffPage, file: BinaryIO) -> None:
    if LIBRARY is None:
        page.asarray()
        if page.compression in DEAF:
            complain("no reader here tells damage of its compression")
        return
    width = page.tilewidth if page.is_tiled else page.imagewidth
    fills = (0, 255) if page.compression in FAX else (0,)
    readers: list[_Reader] = []
    try:
        for _ in fills:
            readers.append(_Reader(file, page.offset))
        size = readers[0].size
        wanted = _segment(page)
        if not 0 < size <= wanted * 2 + 4096 or (page.compression in FAX and size != wanted):
            raise ImageError("is damaged or truncated (its strips are not of the image's size)")
        buffers = [np.empty(size, np.uint8) for _ in fills]
        for number in range(readers[0].count):
            lengths = set()
            for reader, buffer, fill in zip(readers, buffers, fills, strict=True):
                buffer[:] = fill
                lengths.add(reader.read(number, buffer))
            if min(lengths) < 0:
                complain(f"part {number} of its pixels cannot be decoded", error=True)
                return
            if len(buffers) > 1 and _differ(buffers[0][: min(lengths)], buffers[1][: min(lengths)], width):
                complain(f"part {number} of its pixels is incomplete", error=True)
                return
    finally:
        for reader in readers:
            reader.close()


def _differ(one: Bytes, two: Bytes, width: int) -> bool:
    """Whether rows of single bits do; those that fill a row's last byte are nobody's."""
    length = -(-width // 8)
    change = (one ^ two)[: one.size // length * length].reshape(-1, length)
    change[:, -1] &= 0xFF << (-width % 8) & 0xFF
    return bool(change.any())


class _Reader:
    """A TIFF opened by libtiff with its complaints heard; `size` in bytes of each of its `count` strips or tiles."""

    def __init__(self, file: BinaryIO, directory: int) -> None:
        self._pixels = False
        # They must live as long as libtiff may call them.
        self._told: tuple[Callable[..., int], ...] = (_Says(self._said_error), _Says(self._said_warning))
        options = LIBRARY.TIFFOpenOptionsAlloc()
        LIBRARY.TIFFOpenOptionsSetErrorHandlerExtR(options, self._told[0], None)
        LIBRARY.TIFFOpenOptionsSetWarningHandlerExtR(options, self._told[1], None)
        number = os.dup(file.fileno())
        os.lseek(number, 0, os.SEEK_SET)
        self._tiff = LIBRARY.TIFFFdOpenExt(number, b"image", b"rm", options)
        LIBRARY.TIFFOpenOptionsFree(options)
        if self._tiff and not LIBRARY.TIFFSetSubDirectory(self._tiff, directory):
            self.close()
            raise ImageError("is damaged or truncated (its TIFF directory cannot be read)")
        if not self._tiff:
            os.close(number)
            raise ImageError("is damaged or truncated (its TIFF directory cannot be read)")
        kind = "Tile" if LIBRARY.TIFFIsTiled(self._tiff) else "Strip"
        self.count: int = getattr(LIBRARY, f"TIFFNumberOf{kind}s")(self._tiff)
        self.size: int = getattr(LIBRARY, f"TIFF{kind}Size")(self._tiff)
        self._read = getattr(LIBRARY, f"TIFFReadEncoded{kind}")
        self._pixels = True

    def read(self, number: int, buffer: Bytes) -> int:
        """Decode one strip or tile; the bytes it has, negative where it cannot be decoded."""
        return int(self._read(self._tiff, number, buffer.ctypes.data, buffer.nbytes))

    def close(self) -> None:
        """Let go of libtiff's own; the file stays open."""
        LIBRARY.TIFFClose(self._tiff)

    def _said_error(self, _tiff: int, _own: int, _module: bytes, format: bytes, arguments: int) -> int:
        return self._said(_words(format, arguments), error=True)

    def _said_warning(self, _tiff: int, _own: int, _module: bytes, format: bytes, arguments: int) -> int:
        words = _words(format, arguments)
        return self._said(words, error=words.lower().startswith(PARTIAL))

    def _said(self, words: str, *, error: bool) -> int:
        # What it says before it comes to the pixels is about tags, which are listed and checked elsewhere.
        if self._pixels and not words.startswith(NO_DAMAGE):
            complain(words, error=error)
        return 1
