"""Writing files of several frames, one after the other, with all that the file's format can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Protocol

from sharpcli.errors import ImageError
from sharpcli.files.atomic import whole_file
from sharpcli.files.formats import Format
from sharpcli.image.image import Image
from sharpcli.image.inventory.part import missing
from sharpcli.image.inventory.take import inventory
from sharpcli.image.metadata import Metadata
from sharpcli.image.sequences.avif import write_avif_frames
from sharpcli.image.sequences.gif import GifFrames
from sharpcli.image.sequences.png import PngFrames
from sharpcli.image.sequences.sequence import Animation, Shown
from sharpcli.image.sequences.tiff import Pages, PagesWriter
from sharpcli.image.sequences.webp import WebpFrames
from sharpcli.image.write import fitted, in_words, said, written_as

Write = Callable[[BinaryIO, Iterator[Shown], Metadata, Animation, int | None], tuple[str, ...]]


class _Frames(Protocol):
    def __init__(
        self, file: BinaryIO, first: Shown, metadata: Metadata, about: Animation, quality: int | None
    ) -> None: ...
    def add(self, shown: Shown) -> None: ...
    def finish(self) -> tuple[str, ...]: ...


def _by(kind: type[_Frames]) -> Write:
    def write(
        file: BinaryIO, frames: Iterator[Shown], metadata: Metadata, about: Animation, quality: int | None
    ) -> tuple[str, ...]:
        first = next(frames)
        writer = kind(file, first, metadata, about, quality)
        for shown in chain([first], frames):
            if not shown.hidden or kind is PngFrames:
                writer.add(shown)
        return writer.finish()

    return write


WRITERS: dict[str, Write] = {
    "GIF": _by(GifFrames),
    "PNG": _by(PngFrames),
    "WEBP": _by(WebpFrames),
    "AVIF": write_avif_frames,
}
HIDDEN = "not carried over: the image for viewers that know no animations"


def moving(path: Path, otherwise: str, count: int) -> Format:
    """The format of a file to write an animation to, see `written_as`; raises ImageError where it holds none."""
    format = written_as(path, otherwise)
    if format.name not in WRITERS:
        raise ImageError(f"has {count} frames, and {format.name} holds one image; use --format webp, png or avif")
    return format


def write_animation(
    frames: Iterator[Shown],
    about: Animation,
    path: Path,
    quality: int | None = None,
    strip: bool = False,
    otherwise: str = "",
) -> tuple[str, ...]:
    """Encode the frames of an animation by the ending of `path`; the file appears whole or not at all.

    Arguments, notes and errors are those of `write_image`. The metadata is the first frame's. Delays are rounded to
    what the format can tell, 1/100 s in a GIF and 1/1000 s in WebP and AVIF. One frame is in memory at a time, and with
    it what differs from it in the one before.
    """
    format = moving(path, otherwise, about.count)
    first = next(frames)
    metadata, parts = said(first.image, format, strip)
    one_by_one = (_fitted(shown, format) for shown in chain([first], frames))
    with in_words(path), whole_file(path) as file:
        notes = WRITERS[format.name](file, one_by_one, metadata, about, quality)
        if first.hidden and format.name != "PNG":
            notes += (HIDDEN,)
        return (*notes, *(missing(parts, inventory(file, format.name), strip=strip) if parts else ()))


def paged(path: Path, count: int) -> Format:
    """The format of a file to write pages to; raises ImageError where it holds none."""
    format = written_as(path, "TIFF")
    if format.name != "TIFF":
        raise ImageError(f"has {count} pages, which {format.name} does not hold; use --format tiff, or keep the format")
    return format


def write_pages(images: Iterator[Image], pages: Pages, path: Path, strip: bool = False) -> tuple[str, ...]:
    """Write images as the pages of a TIFF, one in memory at a time, each with its own metadata; see `write_image`."""
    format = paged(path, pages.count)
    notes: dict[str, None] = {}
    with in_words(path), whole_file(path) as file:
        writer = PagesWriter(file, pages.order, big=pages.big)
        for image in images:
            metadata, parts = said(image, format, strip)
            notes |= dict.fromkeys(writer.add(image, metadata))
            notes |= dict.fromkeys(missing(parts, inventory(writer.last_page(), "TIFF"), strip=strip))
    return tuple(notes)


def _fitted(shown: Shown, format: Format) -> Shown:
    image = fitted(shown.image, format)
    return shown if image is shown.image else Shown(image, shown.seconds, None, shown.hidden)
