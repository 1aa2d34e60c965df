"""What is known of an animation before its frames are decoded, and what one frame of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sharpcli.image.image import Image
from sharpcli.image.read import Header

MOST_FRAMES = 10_000


@dataclass(frozen=True)
class Shown:
    """A frame as it is seen, upright and of the whole canvas, for so many seconds; or a page, for none.

    `kept` is what its file had for it and a file of that format can take as it is, as long as no frame up to here was
    changed. `hidden` marks the image that a PNG shows where nobody knows animations.
    """

    image: Image
    seconds: Fraction = Fraction(0)
    kept: Any = None
    hidden: bool = False


@dataclass(frozen=True)
class Animation:
    """An open animation: `frames` decodes one after the other, to be called once; `count` leaves out a hidden one.

    `plays` is how often it is shown, 0 without end. Each frame has the metadata of the whole.
    """

    header: Header
    count: int
    plays: int
    frames: Callable[[], Iterator[Shown]]
    notes: tuple[str, ...] = ()
