"""Draws images of text, windows and charts: sharp as screenshots are, which folders of photographs lack."""

from __future__ import annotations

import colorsys
import string
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont

SIDE = 448
Color = tuple[int, int, int]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def draw_graphics(out: Path, count: int, seed: int, report: Callable[[int, int], None]) -> None:
    """Write `count` PNG files of 448x448 pixels below `out`; the same seed draws the same images.

    `report` is given how many are done, of how many.
    """
    out.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        page(np.random.default_rng((seed, index))).save(out / f"graphics-{index:04}.png")
        report(index + 1, count)


def page(rng: np.random.Generator) -> PILImage.Image:
    """One image: up to three panes one on the other, each of text, bars, curves, or a grid of buttons."""
    image = PILImage.new("RGB", (SIDE, SIDE), _color(rng))
    for number in range(int(rng.integers(1, 4))):
        left, top = (0, 0) if number == 0 else (int(place) for place in rng.integers(0, SIDE // 2, size=2))
        width, height = (SIDE, SIDE) if number == 0 else (int(side) for side in rng.integers(SIDE // 4, SIDE, size=2))
        box = (left, top, min(SIDE, left + width), min(SIDE, top + height))
        paper, ink = _paper_and_ink(rng)
        pane = ImageDraw.Draw(image)
        pane.rectangle(box, fill=paper, outline=ink if rng.random() < 0.5 else None)
        (_text, _text, _bars, _curves, _buttons)[int(rng.integers(5))](pane, box, ink, rng)
    return image


def _paper_and_ink(rng: np.random.Generator) -> tuple[Color, Color]:
    """Two colours that are told apart: mostly black on white or the reverse, as most of what is written is."""
    if rng.random() < 0.5:
        pair = (255, 255, 255), (0, 0, 0)
        return pair if rng.random() < 0.7 else pair[::-1]
    hues = rng.random(2)
    light, dark = (_color(rng, float(hue), level) for hue, level in zip(hues, (0.9, 0.2), strict=True))
    return (light, dark) if rng.random() < 0.6 else (dark, light)


def _color(rng: np.random.Generator, hue: float | None = None, level: float | None = None) -> Color:
    hue, level = (rng.random() if given is None else given for given in (hue, level))
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, level, rng.random()))
    return red, green, blue


def _word(rng: np.random.Generator) -> str:
    letters = string.ascii_lowercase * 8 + string.ascii_uppercase + string.digits + ".,:;-()%"
    return "".join(letters[place] for place in rng.integers(0, len(letters), size=int(rng.integers(1, 11))))


def _text(pane: ImageDraw.ImageDraw, box: Box, ink: Color, rng: np.random.Generator) -> None:
    size = float(np.exp(rng.uniform(np.log(9), np.log(60))))
    font = ImageFont.load_default(size)
    top = box[1] + 4
    while top < box[3] - size:
        line = " ".join(_word(rng) for _ in range(24))
        while line and pane.textlength(line, font) > box[2] - box[0] - 8:
            line = line[:-1]
        pane.text((box[0] + 4, top), line, fill=ink if rng.random() < 0.9 else _color(rng), font=font)
        top += int(size * 1.35)


def _bars(pane: ImageDraw.ImageDraw, box: Box, ink: Color, rng: np.random.Generator) -> None:
    left, top, right, bottom = box
    width = int(rng.integers(4, 30))
    for start in range(left + 6, right - width - 2, width + int(rng.integers(1, 8))):
        high = int(rng.integers(top, max(top + 1, bottom - 6)))
        pane.rectangle((start, high, start + width, bottom - 2), fill=_color(rng), outline=ink)


def _curves(pane: ImageDraw.ImageDraw, box: Box, ink: Color, rng: np.random.Generator) -> None:
    left, top, right, bottom = box
    for start in range(left, right, int(rng.integers(16, 64))):
        pane.line((start, top, start, bottom), fill=ink)
    for _ in range(int(rng.integers(1, 5))):
        heights = np.cumsum(rng.normal(0, 12, (right - left) // 8 + 2)) + (top + bottom) / 2
        points = [(left + 8 * index, float(y)) for index, y in enumerate(heights.clip(top, bottom))]
        pane.line(points, fill=_color(rng), width=int(rng.integers(1, 5)))


def _buttons(pane: ImageDraw.ImageDraw, box: Box, ink: Color, rng: np.random.Generator) -> None:
    left, top, right, bottom = box
    side = int(rng.integers(24, 72))
    font = ImageFont.load_default(side / 4)
    for row in range(top + 4, bottom - side, side + 6):
        for column in range(left + 4, right - side, side + 6):
            place = (column, row, column + side, row + side)
            shape = pane.rectangle if rng.random() < 0.6 else pane.ellipse
            shape(place, fill=_color(rng), outline=ink, width=int(rng.integers(1, 4)))
            pane.text((column + 4, row + side / 3), _word(rng)[:6], fill=ink, font=font)
