"""Pieces of a sheet, text among them, each an image of its own, and how they are put together."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import ceil

from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont

from sharpcli.files.names import shown

INK, SOFT, RULE, PAPER = "#16191d", "#5a6270", "#d0d5dc", "#ffffff"
TEXT = 15
"""Height of most letters, in pixels."""

Line = Sequence[tuple[str, str]]
"""Texts side by side, each with its colour."""

CUT = "…"


def texts(lines: Sequence[Line], width: int, size: int = TEXT) -> PILImage.Image:
    """Lines of text in letters of one size, in an image of that width."""
    image = PILImage.new("RGB", (width, len(lines) * line_height(size)), PAPER)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        x = 0.0
        for text, color in line:
            draw.text((x, number * line_height(size)), text, fill=color, font=font(size))
            x += wide(text, size) + size / 2
    return image


def line_height(size: int) -> int:
    """What a line of text takes, with the space to the next one."""
    return ceil(size * 1.35)


def rule(width: int) -> PILImage.Image:
    """A thin line that parts what is above from what is below."""
    return PILImage.new("RGB", (width, 1), RULE)


def beneath(images: Sequence[PILImage.Image], gap: int) -> PILImage.Image:
    """One below the other."""
    return _joined(images, [(0, sum(one.height + gap for one in images[:index])) for index in range(len(images))])


def beside(images: Sequence[PILImage.Image], gap: int) -> PILImage.Image:
    """From left to right."""
    return _joined(images, [(sum(one.width + gap for one in images[:index]), 0) for index in range(len(images))])


def framed(image: PILImage.Image, margin: int) -> PILImage.Image:
    """With empty paper all around."""
    sheet = PILImage.new("RGB", (image.width + 2 * margin, image.height + 2 * margin), PAPER)
    sheet.paste(image, (margin, margin))
    return sheet


def _joined(images: Sequence[PILImage.Image], corners: Iterable[tuple[int, int]]) -> PILImage.Image:
    """All of them, each with its upper left corner at one of these."""
    placed = list(zip(images, corners, strict=True))
    size = max(x + one.width for one, (x, _) in placed), max(y + one.height for one, (_, y) in placed)
    whole = PILImage.new("RGB", size, PAPER)
    for image, corner in placed:
        whole.paste(image, corner)
    return whole


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
