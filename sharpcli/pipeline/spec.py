"""Enhancers with their options as one text, and the time that one takes for a picture."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from sharpcli.errors import SharpError
from sharpcli.image.image import Picture
from sharpcli.pipeline.guard import prepare, used
from sharpcli.pipeline.run import GROUPS, enhanced, make_enhancer
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.registry import load_registry

WARM = 64
"""The largest side, in pixels, of what an enhancer is given before its time is taken."""


@dataclass(frozen=True)
class Contender:
    """An enhancer's name and those of its options that are not left at their defaults, as texts."""

    name: str
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `NAME` or `NAME:OPTION=VALUE,OPTION=VALUE` asks for; raises SharpError for anything else."""
        name, _, settings = text.strip().partition(":")
        pairs = [setting.partition("=") for setting in settings.split(",") if setting]
        options = tuple((key.strip(), value.strip()) for key, _, value in pairs)
        if not (name and all(key and value for key, value in options)):
            raise SharpError(f"{text!r} is not an enhancer; write NAME or NAME:OPTION=VALUE,OPTION=VALUE")
        if len(dict(options)) < len(options):
            raise SharpError(f"{text!r} gives an option twice")
        return cls(name, options)

    @property
    def label(self) -> str:
        """What a table calls it: `student INT8`."""
        words = [value.upper() if name == "precision" else f"{name}={value}" for name, value in self.options]
        return " ".join([self.name, *words])

    @property
    def text(self) -> str:
        """How the command line addresses it: `student:precision=int8`."""
        settings = ",".join(f"{name}={value}" for name, value in self.options)
        return f"{self.name}:{settings}" if settings else self.name

    def same(self, other: Contender) -> bool:
        """Whether it is the same enhancer with the same options, in whatever order."""
        return (self.name, frozenset(self.options)) == (other.name, frozenset(other.options))

    def enhancer(self, upscale: float = 1) -> Enhancer:
        """The enhancer itself, for pictures that are enlarged so many times first; raises SharpError."""
        return make_enhancer(self.name, dict(self.options), upscale)


C = TypeVar("C", bound=Contender)


def distinct(contenders: Iterable[C]) -> tuple[C, ...]:
    """All of them; raises SharpError when two are the same."""
    given = tuple(contenders)
    if len({(contender.name, frozenset(contender.options)) for contender in given}) < len(given):
        raise SharpError("an enhancer was given twice with the same options")
    return given


def ready() -> tuple[tuple[Contender, ...], tuple[str, ...]]:
    """All enhancers that are installed, with their defaults; and what those lack that need more, such as a file."""
    found, lacking = [], []
    for contender in map(Contender, sorted(load_registry().found)):
        try:
            used(contender.enhancer())
            found.append(contender)
        except SharpError as error:
            lacking.append(str(error))
    return tuple(found), tuple(lacking)


def timed(picture: Picture, enhancer: Enhancer, tile: int | None = None) -> tuple[Picture, float]:
    """The picture with the full effect, and the seconds that the enhancer took for it. Raises SharpError.

    It is run on a corner of the picture first, so that loading its weights does not count; neither does what is done
    to a picture before and after, such as decoding, enlarging and encoding.
    """
    pixels = picture.pixels
    # Which weights there are to load may depend on the whole picture.
    chosen = prepare(enhancer, pixels[..., GROUPS[picture.mode][0]])
    # Less than the whole of a small picture: a network compiles for a size that comes twice.
    rows, columns = (min(WARM, (side + 1) // 2) for side in pixels.shape[:2])
    enhanced(replace(picture, pixels=pixels[:rows, :columns]), chosen)
    began = time.perf_counter()
    after = enhanced(picture, enhancer, tile)
    return after, time.perf_counter() - began
