"""Pieces of a sheet, each an image of its own, and how they are put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

from PIL import Image, ImageDraw

from sharpcli.compare.sheet_text import font, wide

INK, SOFT, RULE, PAPER = "#16191d", "#5a6270", "#d0d5dc", "#ffffff"
TEXT = 15
"""Height of most letters, in pixels."""

Line = Sequence[tuple[str, str]]
"""Texts side by side, each with its colour."""


def texts(lines: Sequence[Line], width: int, size: int = TEXT) -> Image.Image:
    """Lines of text in letters of one size, in an image of that width."""
    image = Image.new("RGB", (width, len(lines) * line_height(size)), PAPER)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        x = 0.0
        for text, colour in line:
            draw.text((x, number * line_height(size)), text, fill=colour, font=font(size))
            x += wide(text, size) + size / 2
    return image


def line_height(size: int) -> int:
    """What a line of text takes, with the space to the next one."""
    return ceil(size * 1.35)


def rule(width: int) -> Image.Image:
    """A thin line that parts what is above from what is below."""
    return Image.new("RGB", (width, 1), RULE)


def beneath(images: Sequence[Image.Image], gap: int) -> Image.Image:
    """One below the other."""
    return _joined(images, [(0, sum(one.height + gap for one in images[:index])) for index in range(len(images))])


def beside(images: Sequence[Image.Image], gap: int) -> Image.Image:
    """From left to right."""
    return _joined(images, [(sum(one.width + gap for one in images[:index]), 0) for index in range(len(images))])


def framed(image: Image.Image, margin: int) -> Image.Image:
    """With empty paper all around."""
    sheet = Image.new("RGB", (image.width + 2 * margin, image.height + 2 * margin), PAPER)
    sheet.paste(image, (margin, margin))
    return sheet


def _joined(images: Sequence[Image.Image], corners: Iterable[tuple[int, int]]) -> Image.Image:
    """All of them, each with its upper left corner at one of these."""
    placed = list(zip(images, corners, strict=True))
    size = max(x + one.width for one, (x, _) in placed), max(y + one.height for one, (_, y) in placed)
    whole = Image.new("RGB", size, PAPER)
    for image, corner in placed:
        whole.paste(image, corner)
    return whole
