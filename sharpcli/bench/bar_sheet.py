"""Draws figures as bars from zero, several a name, on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from sharpcli.compare.drawing import INK, SOFT, TEXT, Line, beneath, beside, framed, rule, texts
from sharpcli.compare.sheet_file import BARS, mark
from sharpcli.compare.sheet_text import font, wide, wrapped
from sharpcli.image.image import Picture, from_image

WIDTH, MARGIN, GAP, SPACE = 1000, 28, 16, 6
TITLE, NAME = 24, 16
"""Heights of the larger letters, in pixels."""
NAMES = 280
"""Width of the column of names."""
BAR = 18
"""Height of a bar, in pixels."""
COLOURS = ("#1f5fa8", "#9db8d6", "#c98b2b", "#7a7f87")


@dataclass(frozen=True)
class Bar:
    """A value, up to where a thin line goes beyond it, and the text at its end."""

    value: float
    most: float
    text: str


@dataclass(frozen=True)
class BarSheet:
    """What is drawn: beside each group's name a bar of each kind; the notes stand at the end."""

    title: str
    kinds: Sequence[str]
    groups: Sequence[tuple[str, Sequence[Bar]]]
    notes: Sequence[str]


def bar_sheet(sheet: BarSheet) -> Picture:
    """The sheet as a picture, marked as one of bars."""
    every = [bar for _, bars in sheet.groups for bar in bars]
    texts_wide = max(wide(bar.text, TEXT) for bar in every) + 2 * SPACE
    room = WIDTH - NAMES - GAP - texts_wide
    scale = room / (max(max(bar.value, bar.most) for bar in every) or 1)
    title = texts([[(line, INK)] for line in wrapped(sheet.title, TITLE, WIDTH, 2)], WIDTH, TITLE)
    parts = [title, _kinds(sheet.kinds)]
    for name, bars in sheet.groups:
        lines: list[Line] = [[(line, INK)] for line in wrapped(name, NAME, NAMES, 3)]
        parts += [rule(WIDTH), beside([texts(lines, NAMES, NAME), _bars(bars, scale)], GAP)]
    parts.append(rule(WIDTH))
    notes = [line for note in sheet.notes for line in wrapped(note, TEXT, WIDTH, 4)]
    parts.append(texts([[(line, SOFT)] for line in notes], WIDTH))
    return Picture(from_image(framed(beneath(parts, GAP), MARGIN)), "RGB", {"exif": mark(BARS)})


def _kinds(kinds: Sequence[str]) -> Image.Image:
    """What each colour is."""
    parts = []
    for kind, colour in zip(kinds, COLOURS, strict=False):
        parts.append(Image.new("RGB", (BAR, BAR), colour))
        parts.append(texts([[(kind, INK)]], round(wide(kind, TEXT)) + GAP))
    return beside(parts, SPACE)


def _bars(bars: Sequence[Bar], scale: float) -> Image.Image:
    width = WIDTH - NAMES - GAP
    image = Image.new("RGB", (width, len(bars) * (BAR + SPACE)), "white")
    draw = ImageDraw.Draw(image)
    for number, (bar, colour) in enumerate(zip(bars, COLOURS, strict=False)):
        top = number * (BAR + SPACE)
        end, far = (max(1, round(scale * value)) for value in (bar.value, bar.most))
        draw.rectangle((0, top, end - 1, top + BAR - 1), fill=colour)
        middle = top + BAR // 2
        if far > end:
            draw.line((end, middle, far - 1, middle), fill=INK)
            draw.line((far - 1, middle - 4, far - 1, middle + 4), fill=INK)
        draw.text((max(end, far) + SPACE, top), bar.text, fill=INK, font=font(TEXT))
    return image
