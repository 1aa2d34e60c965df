"""Opening files of several frames or pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from sharpcli.errors import ImageError
from sharpcli.files.formats import HEAD, format_of
from sharpcli.image.complaints import listening
from sharpcli.image.inventory.part import Part
from sharpcli.image.inventory.take import inventory
from sharpcli.image.read import in_words, state_of
from sharpcli.image.sequences.avif import avif_animation
from sharpcli.image.sequences.gif import gif_animation
from sharpcli.image.sequences.png import png_animation
from sharpcli.image.sequences.sequence import Animation, Shown
from sharpcli.image.sequences.webp import webp_animation

ANIMATIONS: dict[str, Callable[[BinaryIO], Animation]] = {
    "GIF": gif_animation,
    "PNG": png_animation,
    "WEBP": webp_animation,
    "AVIF": avif_animation,
}


def format_name(path: Path) -> str:
    """The format of a file that `opened` found to hold several images; raises ImageError."""
    with in_words(path), path.open("rb") as file:
        format = format_of(file.read(HEAD))
    return format.name if format else ""


@contextmanager
def opened_animation(path: Path) -> Iterator[Animation]:
    """Open an animation and read what is said of it only; raises ImageError, also while its frames are decoded."""
    with in_words(path):
        file = path.open("rb")
    with file:
        state = state_of(path.stat())
        with in_words(path), listening() as heard:
            format = format_of(file.read(HEAD))
            if format is None or format.name not in ANIMATIONS:
                raise ImageError("holds no animation that can be read")
            animation = ANIMATIONS[format.name](file)
            parts = inventory(file, format.name)
            heard.check()

        def frames() -> Iterator[Shown]:
            notes = (*animation.notes, *heard.notes())
            decoded = animation.frames()
            while (shown := _next(path, decoded, parts, notes)) is not None:
                yield shown
            if state_of(path.stat()) != state:
                raise ImageError("changed while it was read")

        yield replace(animation, frames=frames)


def _next(path: Path, decoded: Iterator[Shown], parts: tuple[Part, ...], notes: tuple[str, ...]) -> Shown | None:
    """The next frame with what its decoder complained of, and with what its file held."""
    with in_words(path), listening() as heard:
        shown = next(decoded, None)
        heard.check()
    if shown is None:
        return None
    return replace(shown, image=replace(shown.image, parts=parts, notes=(*notes, *heard.notes())))
