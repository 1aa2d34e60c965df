"""The work on one file of several frames or pages: each goes the way of an image, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np

from sharpcli.image.image import Image
from sharpcli.image.read import Header
from sharpcli.image.sequences.open import format_name, opened_animation
from sharpcli.image.sequences.sequence import Shown
from sharpcli.image.sequences.tiff import tiff_pages
from sharpcli.image.sequences.write import moving, paged, write_animation, write_pages
from sharpcli.image.thumbnails import thumbnail
from sharpcli.pipeline.budget import Room
from sharpcli.pipeline.decision import FRAMES_LOOKED_AT, shows_something
from sharpcli.pipeline.guard import for_image
from sharpcli.pipeline.run import GROUPS, enlarged
from sharpcli.plugin.enhancer import Enhancer

MOST_NOTES = 5


@dataclass
class Done:
    """What became of a file: sizes (width, height) in pixels, thumbnails of the first image, how many there were."""

    size: tuple[int, int] = (0, 0)
    out_size: tuple[int, int] = (0, 0)
    thumbnails: tuple[bytes, bytes] | None = None
    count: int = 0
    notes: dict[str, None] = field(default_factory=dict)

    def saw(self, before: Image, after: Image, thumbnails: bool) -> None:
        """Take the next image into account."""
        if not self.count:
            (tall, wide), (height, width) = before.pixels.shape[:2], after.pixels.shape[:2]
            self.size, self.out_size = (wide, tall), (width, height)
            if thumbnails:
                self.thumbnails = thumbnail(before.pixels, before.mode), thumbnail(after.pixels, after.mode)
        self.count += 1
        self.notes |= dict.fromkeys(after.notes)


@dataclass(frozen=True)
class Way:
    """How each image is done: `change` makes the result of an image; the rest is `Job`'s.

    `change` is given an enhancer where that is decided already, else None. `room` is asked for the Room of images of a
    header, before their pixels are read.
    """

    change: Callable[[Image, Enhancer | None, Room], Image]
    room: Callable[[Header], AbstractContextManager[Room]]
    enhancer: Enhancer | None
    upscale: float
    quality: int | None
    strip: bool
    thumbnails: bool


def several_done(source: Path, target: Path, way: Way) -> Done:
    """Do a file of several frames or pages; raises SharpError, OSError."""
    if format_name(source) == "TIFF":
        return _pages_done(source, target, way)
    return _animation_done(source, target, way)


def _pages_done(source: Path, target: Path, way: Way) -> Done:
    """Each page is an image of its own, of which an enhancer makes up its mind anew."""
    done = Done()
    with ExitStack() as rooms:
        pages = tiff_pages(source)
        paged(target, pages.count)

        said: dict[int, tuple[str, ...]] = {}

        def results() -> Iterator[Image]:
            for number in range(pages.count):
                rooms.close()  # that of the page before, which is written by now
                with pages.opened(number) as page:
                    room = rooms.enter_context(way.room(page.header))
                    before = page.read(room.scratch)
                    after = way.change(before, None, room)
                    done.saw(before, after, way.thumbnails)
                    said[number] = after.notes
                    yield after

        lost = write_pages(results(), pages, target, way.strip)
    if pages.dropped:
        lost += (f"not carried over: preview{f' x {pages.dropped}' if pages.dropped > 1 else ''}",)
    done.notes = dict.fromkeys((*_by_page(said), *lost))
    return done


def _by_page(said: Mapping[int, tuple[str, ...]]) -> Iterator[str]:
    """The notes of pages: those that all have, and then those of the first pages that have others."""
    shared = [note for note in said.get(0, ()) if all(note in notes for notes in said.values())]
    yield from shared
    own = [(number, note) for number, notes in said.items() for note in notes if note not in shared]
    yield from (f"page {number + 1}: {note}" for number, note in own[:MOST_NOTES])
    if len(own) > MOST_NOTES:
        yield f"{len(own) - MOST_NOTES} more notes of pages"


def _animation_done(source: Path, target: Path, way: Way) -> Done:
    done = Done()
    with opened_animation(source) as animation:
        header = animation.header
        moving(target, header.format, animation.count)
        with way.room(header) as room:
            frames, decided = animation.frames(), None
            if way.enhancer:
                looked, decided = _decided(frames, way.enhancer, way.upscale)
                frames = chain(looked, frames)
            results = _changed(frames, way, decided, room, done)
            lost = write_animation(results, animation, target, way.quality, way.strip, header.format)
    done.notes |= dict.fromkeys(lost)
    return done


def _changed(frames: Iterator[Shown], way: Way, enhancer: Enhancer | None, room: Room, done: Done) -> Iterator[Shown]:
    for shown in frames:
        after = way.change(shown.image, enhancer, room)
        done.saw(shown.image, after, way.thumbnails)
        same = np.array_equal(after.pixels, shown.image.pixels)
        yield replace(shown, image=after, kept=shown.kept if same else None)


def _decided(frames: Iterator[Shown], enhancer: Enhancer, upscale: float) -> tuple[list[Shown], Enhancer]:
    """The enhancer to run on every frame, as the first that shows something asks for, and the frames up to that one.

    One for the whole animation: what changes its mind from frame to frame flickers.
    """
    looked: list[Shown] = []
    for shown in frames:
        looked.append(shown)
        pixels = shown.image.pixels
        if shows_something(pixels) or len(looked) == FRAMES_LOOKED_AT:
            break
    if not looked:
        return looked, enhancer
    image = enlarged(looked[-1].image, upscale)
    return looked, for_image(enhancer, image.pixels[..., GROUPS[image.mode][0]])
