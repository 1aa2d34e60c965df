"""One thing that an image file holds besides its pixels, and what of it another file lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

MOST_NAMES = 8


@dataclass(frozen=True)
class Part:
    """`kind` is what a person calls it ("comment", "HDR gain map", "Exif"), `name` which of its kind ("Artist").

    `digest` tells its content; empty where another file may hold it in other bytes. `color` marks what the colours
    depend on, which stays even where all else is to be left out.
    """

    kind: str
    name: str = ""
    digest: bytes = b""
    color: bool = False


def part(kind: str, content: bytes, name: str = "", *, color: bool = False) -> Part:
    """A part that has to come back byte for byte."""
    return Part(kind, name, blake2b(content, digest_size=16).digest(), color)


def missing(before: Iterable[Part], after: Iterable[Part], *, strip: bool = False) -> tuple[str, ...]:
    """A note of what the second file lacks of the first, none where it lacks nothing; with `strip`, of colour alone."""
    there = Counter(after)
    of_kind = Counter((other.kind, other.name) for other in there.elements())
    lost: dict[str, list[str]] = {}
    for one in before:
        if strip and not one.color:
            continue
        pool, key = (there, one) if one.digest else (of_kind, (one.kind, one.name))
        if pool[key] > 0:  # type: ignore[index]
            pool[key] -= 1  # type: ignore[index]
        else:
            lost.setdefault(one.kind, []).append(one.name)
    return (f"not carried over: {', '.join(_words(*of) for of in lost.items())}",) if lost else ()


def _words(kind: str, names: list[str]) -> str:
    told = list(dict.fromkeys(name for name in names if name))
    more = f" and {len(told) - MOST_NAMES} more" if len(told) > MOST_NAMES else ""
    count = f" x {len(names)}" if not told and len(names) > 1 else ""
    return kind + count + (f" ({', '.join(told[:MOST_NAMES])}{more})" if told else "")
