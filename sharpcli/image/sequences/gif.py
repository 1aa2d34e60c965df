"""Animated GIFs: each frame as a browser shows it, written with a palette of its own."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

from sharpcli.image.codecs.gif.frames import composed
from sharpcli.image.codecs.gif.reader import decoder_bytes, metadata, mode_of, sound
from sharpcli.image.codecs.gif.writer import GifWriter, head
from sharpcli.image.image import Image
from sharpcli.image.metadata import Metadata
from sharpcli.image.read import Header
from sharpcli.image.sequences.sequence import Animation, Shown


def gif_animation(file: BinaryIO) -> Animation:
    """The frames of an open GIF; raises ImageError."""
    found = sound(file)
    mode, kept = mode_of(found), metadata(found)

    def frames() -> Iterator[Shown]:
        for one in composed(found):
            image = Image(one.canvas[..., : len(mode)].copy(), mode, kept)
            yield Shown(image, Fraction(one.frame.delay, 100), one)

    header = Header("GIF", found.width, found.height, mode, 8, decoder_bytes(found))
    plays = 1 if found.loops is None else found.loops + 1 if found.loops else 0
    return Animation(header, len(found.frames), plays, frames)


class GifFrames:
    """Writes the frames of a GIF, see `write_animation`."""

    def __init__(self, file: BinaryIO, first: Shown, metadata: Metadata, about: Animation, quality: int | None) -> None:
        height, width = first.image.pixels.shape[:2]
        colors = first.kept.colors if first.kept else b""
        file.write(head(width, height, about.plays, metadata, colors))
        self._writer = GifWriter(file)

    def add(self, shown: Shown) -> None:
        """The next frame."""
        self._writer.add(shown.image.pixels, shown.seconds, shown.kept)

    def finish(self) -> tuple[str, ...]:
        """Write the end; returns notes of what the format could not hold."""
        self._writer.finish()
        return self._writer.notes
