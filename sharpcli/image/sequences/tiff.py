"""TIFF files of several pages: each is read as if it were alone, with all its tags, and written behind the last."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import tifffile

from sharpcli.errors import ImageError
from sharpcli.image.codecs.tiff.reader import page_image
from sharpcli.image.codecs.tiff.writer import SMALL, append_page, write_tiff
from sharpcli.image.complaints import listening
from sharpcli.image.image import Image
from sharpcli.image.metadata import Metadata
from sharpcli.image.read import ImageSource, in_words
from sharpcli.image.sequences.sequence import MOST_FRAMES
from sharpcli.image.tags.exif import EXIF_IFD, MARK
from sharpcli.image.tags.exif_block import NOTE, tree
from sharpcli.image.tags.ifd import Directories
from sharpcli.image.tags.tiff import MOVED

KIND, REDUCED, MASK = 254, 1, 4
"""The tag that says what a page is: a smaller copy of another one, or a mask of what is transparent in it."""


class _Alone(io.RawIOBase):
    """A TIFF file in which some bytes are others: those that lead to a page and on from it."""

    def __init__(self, file: BinaryIO, others: dict[int, bytes]) -> None:
        self._file, self._others = file, others

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def fileno(self) -> int:
        """The file's own, for who does not begin at the file's head."""
        return self._file.fileno()

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        """Like a file's."""
        return self._file.seek(place, whence)

    def tell(self) -> int:
        """Like a file's."""
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        """Like a file's."""
        start = self._file.tell()
        data = self._file.read(len(buffer))
        view = memoryview(buffer).cast("B")
        view[: len(data)] = data
        for place, other in self._others.items():
            low, high = max(place, start), min(place + len(other), start + len(data))
            if low < high:
                view[low - start : high - start] = other[low - place : high - place]
        return len(data)


@dataclass(frozen=True)
class Pages:
    """The pages of a TIFF, smaller copies of them left out: for each the bytes that make a file of it alone.

    `order` is the byte order and `big` says whether it is a BigTIFF, or too long for another; `dropped` counts the
    smaller copies.
    """

    path: Path
    pages: tuple[dict[int, bytes], ...]
    order: str
    big: bool
    dropped: int

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.pages)

    @contextmanager
    def opened(self, number: int) -> Iterator[ImageSource]:
        """Open a page, counted from 0, as `read.opened` does an image; raises ImageError that names it."""
        try:
            with in_words(self.path):
                file = self.path.open("rb", buffering=0)
            with file:
                alone = _buffered(cast(BinaryIO, file), self.pages[number])
                with in_words(self.path), listening() as heard:
                    page = tifffile.TiffFile(alone).pages[0]
                    if not isinstance(page, tifffile.TiffPage) or page.planarconfig not in (1, 2):
                        raise ImageError("is damaged (how its channels lie is told in a way that makes no sense)")
                    image = page_image(alone, page)
                    heard.check()
                    source = ImageSource(self.path, alone, image, heard.notes())
                yield source
        except ImageError as error:
            raise ImageError(f"page {number + 1}: {error}") from error


def tiff_pages(path: Path) -> Pages:
    """The pages of a TIFF; raises ImageError."""
    with in_words(path), path.open("rb") as file:
        found = Directories(file)
        code = found.order + ("Q" if found.big else "I")
        head, pages, dropped = 8 if found.big else 4, [], 0
        place, seen = found.first, set[int]()
        while place:
            if place in seen:
                raise ImageError("is damaged (its page list is circular)")
            if len(seen) >= MOST_FRAMES:
                raise ImageError(f"has more than {MOST_FRAMES} pages, the limit; cut it into parts")
            seen.add(place)
            entries, follows = found.directory(place, [])
            kind = next((found.number(entry) for entry in entries if entry.tag == KIND), 0)
            if kind & MASK:
                raise ImageError("has a mask of transparency as a page, which is not supported; save it with alpha")
            if kind & REDUCED and pages:
                dropped += 1
            else:
                pages.append({head: struct.pack(code, place), found.following(place): struct.pack(code, 0)})
            place = follows
        return Pages(path, tuple(pages), found.order, found.big or found.size > SMALL // 2, dropped)


class PagesWriter:
    """Writes page after page into an open file."""

    def __init__(self, file: BinaryIO, order: str, *, big: bool) -> None:
        self._file, self._order, self._big = file, order, big
        self._last = 0

    def add(self, image: Image, metadata: Metadata) -> tuple[str, ...]:
        """The next page; returns notes. Raises OSError, ValueError."""
        page = image.pixels, image.mode, metadata
        if not self._last:
            write_tiff(self._file, *page, big=self._big, order=self._order)
            self._last = Directories(self._file).first
            return ()
        self._last = append_page(self._file, *page, self._last, big=self._big, order=self._order)
        return (MOVED,) if _has_note(metadata) else ()

    def last_page(self) -> BinaryIO:
        """The page that was written last, as a file of it alone."""
        code = self._order + ("Q" if self._big else "I")
        return _buffered(self._file, {8 if self._big else 4: struct.pack(code, self._last)})


def _buffered(file: BinaryIO, others: dict[int, bytes]) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Alone(file, others)))


def _has_note(metadata: Metadata) -> bool:
    exif = metadata.get("exif", b"").removeprefix(MARK)
    return bool(exif) and any(
        entry.tag == NOTE for entry in tree(Directories(io.BytesIO(exif)), [])[1].get(EXIF_IFD, ())
    )
