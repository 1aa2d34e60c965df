"""The pieces that the work on one image is done in, so that it can be paused and ended between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Do(Protocol):
    """Does a piece of the work on an image, here or elsewhere, now or later; it may raise instead, to end the work."""

    def __call__(self, piece: Callable[[], T], share: float = 0) -> T:
        """What `piece` returns, which makes that share of the image (0-1): nothing, where it only looks at it."""
        ...


def at_once(piece: Callable[[], T], share: float = 0) -> T:
    """Do a piece here and now."""
    return piece()
