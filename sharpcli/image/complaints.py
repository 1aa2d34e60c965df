"""What decoders complain of while they read an image: every complaint reaches the image that it is about."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sharpcli.errors import ImageError

LONGEST, MOST = 200, 5
"""Characters of a complaint and complaints of an image that are told; a damaged file can cause millions."""


@dataclass
class Heard:
    """The complaints about one image: `errors` refuse it, `warnings` become notes; each is told once."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Raise ImageError where a decoder reported an error, whatever it returned."""
        if self.errors:
            raise ImageError(f"is damaged or truncated ({self.errors[0]})")

    def notes(self) -> tuple[str, ...]:
        """The warnings as notes of the image."""
        return tuple(f"may be damaged ({text})" for text in self.warnings)


_own = threading.local()
_all: list[Heard] = []


def one_line(text: str) -> str:
    """A decoder's words without line ends and codes for the screen."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@contextmanager
def listening() -> Iterator[Heard]:
    """Collect what is complained of in this thread meanwhile, and in threads that no image owns."""
    heard = Heard()
    outer = getattr(_own, "heard", None)
    _own.heard = heard
    _all.append(heard)
    try:
        yield heard
    finally:
        _own.heard = outer
        _all[:] = [other for other in _all if other is not heard]


def complain(text: str, *, error: bool = False) -> None:
    """Tell the image that this thread reads of a complaint: an error refuses it, a warning becomes a note.

    From a thread that reads none, such as a decoder's own, all images that are being read are told: which of them it
    is about cannot be known, and one that is damaged must not pass.
    """
    own = getattr(_own, "heard", None)
    words = one_line(text)[:LONGEST]
    for heard in [own] if own else list(_all):
        told = heard.errors if error else heard.warnings
        if words not in told and len(told) < MOST:
            told.append(words)
