"""Text on a sheet: fitted into its width, in the one font that is always there."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PIL import ImageFont

from sharpcli.files.names import shown

CUT = "…"


@lru_cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own, `size` pixels high."""
    return ImageFont.load_default(size)


def wide(text: str, size: int) -> float:
    """How many pixels a line takes."""
    return font(size).getlength(text)


def plain(text: str) -> str:
    """The text in the signs that the font has, which are ASCII: letters without their accents, a ? for others."""
    parts = unicodedata.normalize("NFKD", shown(text))
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return bare.encode("ascii", "replace").decode()


def wrapped(text: str, size: int, width: int, most: int) -> list[str]:
    """The text in at most so many lines of at most `width` pixels; one that has no room ends in an ellipsis.

    Lines break between words, and within a word that is wider than a line.
    """
    lines = [""]
    for word in plain(text).split():
        longer = f"{lines[-1]} {word}".lstrip()
        if wide(longer, size) <= width:
            lines[-1] = longer
            continue
        lines += _pieces(word, size, width)
    lines = lines if lines[0] else lines[1:] or lines
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], _shortened(" ".join(lines[most - 1 :]), size, width)]


def _pieces(word: str, size: int, width: int) -> list[str]:
    """A word in parts of which each fits into a line."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and wide(pieces[-1] + letter, size) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _shortened(text: str, size: int, width: int) -> str:
    while text and wide(text + CUT, size) > width:
        text = text[:-1]
    return text.rstrip() + CUT
