"""Names of files: shown without harm, compared as a careless disk would, and short enough to be written."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import PurePath

UNSHOWN = {"Cc", "Cs", "Zl", "Zp"}
# They turn the text around them, so that a name could pretend to be another.
TURNING = {chr(code) for code in (0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def shown(path: PurePath | str) -> str:
    r"""A path, or a text that names one, on one line that any terminal can take.

    A newline becomes `\n`, a byte that is no text `\xff`, and a sign that turns the text around it `\u202e`.
    """
    return "".join(_escaped(c) if unicodedata.category(c) in UNSHOWN or c in TURNING else c for c in str(path))


def _escaped(character: str) -> str:
    undecodable = 0xDC80 <= ord(character) <= 0xDCFF  # how Python keeps a byte of a name that is no text
    return f"\\x{ord(character) - 0xDC00:02x}" if undecodable else character.encode("unicode_escape").decode()


def without_base(base: PurePath | None, text: str) -> str:
    """A text (a path, or a sentence with some) in which each path below `base`, if that is given, is relative to it."""
    if base is None:
        return text
    # Not within another path: below /in, /out/in/a.png is none of it.
    return re.sub(rf"(?<![^\s'\"(=]){re.escape(f'{base}{os.sep}')}", "", text)


def folded(name: str) -> str:
    """What two names share that a disk may take for one: letter case and the way of composing accents do not count."""
    return unicodedata.normalize("NFC", name.casefold())


def length(name: str) -> int:
    """The length in the units in which disks limit it: bytes, or UTF-16 units on Windows."""
    return len(name.encode("utf-16-le", "surrogatepass")) // 2 if os.name == "nt" else len(os.fsencode(name))


def tag(text: str) -> str:
    """Eight digits that stand for `text`, the same on every run."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def shortened(stem: str, ending: str, limit: int, mark: str) -> str:
    """`stem` cut after a whole character, then "-", `mark` and `ending`: at most `limit` long, see `length`.

    Raises ValueError where nothing would be left of the stem.
    """
    rest = f"-{mark}{ending}"
    room = limit - length(rest)
    while stem and length(stem) > room:
        stem = stem[:-1]
    if not stem:
        raise ValueError(f"no name of {limit} holds {rest}")
    return stem + rest
