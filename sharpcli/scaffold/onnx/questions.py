"""What a file does not tell of its network, and somebody has to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A choice that is left open; `name` is the option that makes it."""

    name: str
    text: str
    choices: tuple[str, ...]


Ask = Callable[[Sequence[Question]], Mapping[str, str]]
"""Gives an answer to each question, by its name."""

LAYOUT = Question("layout", "are channels before rows and columns (nchw) or after them (nhwc)", ("nchw", "nhwc"))
ORDER = Question("order", "do channels come as red, green, blue (rgb) or the other way round (bgr)", ("rgb", "bgr"))
PEAK = Question("peak", "is white 1 or 255", ("1", "255"))
