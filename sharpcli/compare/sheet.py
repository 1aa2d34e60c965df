"""Draws a comparison as one image: one column per candidate, one row per position, with names and scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil

from PIL import Image as PILImage
from PIL import ImageDraw

from sharpcli.compare.compare import METRICS, Candidate, Comparison
from sharpcli.compare.drawing import (
    INK,
    PAPER,
    SOFT,
    TEXT,
    Line,
    beneath,
    beside,
    font,
    framed,
    line_height,
    rule,
    texts,
    wide,
    wrapped,
)
from sharpcli.compare.sheet_file import mark
from sharpcli.errors import SharpError
from sharpcli.image.crops import CROP_SIDE, ZOOM, Place, Window, magnified, seen_at
from sharpcli.image.image import Image, from_pil, to_pil
from sharpcli.image.thumbnails import small
from sharpcli.measure.cores import cores
from sharpcli.measure.machine import processor
from sharpcli.scoring.figures import figure, with_unit
from sharpcli.scoring.score import CONVENTIONS

MARGIN, GAP, SPACE = 28, 16, 6
TITLE, NAME = 24, 18
"""Heights of the larger letters, in pixels."""
BETTER, WORSE = "#0b7a43", "#b3261e"
COLUMN = 190
"""The least width of a column, whatever a crop's."""
MIN_WIDTH, MAX_WIDTH = 640, 2000
"""Widths between which as many columns stand side by side as fit; the others follow below."""
OVERVIEW = (320, 220)
MEGAPIXELS = 40
"""Of all crops on a sheet as they are shown."""


def check_room(windows: Sequence[Window], candidates: int, zoom: int) -> None:
    """Raise SharpError if the sheet would be too large for most programs to open."""
    tall, across = (zoom * (part.stop - part.start) for part in windows[0])
    shown = len(windows) * candidates * max(COLUMN, across) * tall / 1e6
    if shown > MEGAPIXELS:
        raise SharpError(
            f"the sheet would have {shown:.0f} megapixels, and the limit is {MEGAPIXELS}; "
            "use a smaller size or zoom, or fewer crops"
        )


def contact_sheet(
    comparison: Comparison, places: Sequence[Place], name: str, side: int = CROP_SIDE, zoom: int = ZOOM
) -> Image:
    """The sheet of crops around these places, `side` pixels on a side and shown `zoom` times as large.

    `name` is what the image is called. Raises SharpError for a place outside, and for a sheet that is too large.
    """
    windows = seen_at(places, side, comparison.size)
    candidates = comparison.candidates
    check_room(windows, len(candidates), zoom)
    column = max(COLUMN, zoom * (windows[0][1].stop - windows[0][1].start))
    most = max(1, (MAX_WIDTH + GAP) // (column + GAP))
    columns = ceil(len(candidates) / ceil(len(candidates) / most))
    width = max(MIN_WIDTH, columns * (column + GAP) - GAP)
    names = [wrapped(one.label, NAME, column, 2) for one in candidates]
    lines = max(map(len, names))
    parts = [_heading(comparison, windows, name, width, zoom)]
    for number, (place, where) in enumerate(zip(places, windows, strict=True), 1):
        cells = [
            _cell(one, [*[""] * (lines - len(label)), *label], where, column, zoom, bool(comparison.convention))
            for one, label in zip(candidates, names, strict=True)
        ]
        groups = [beside(cells[first : first + columns], GAP) for first in range(0, len(cells), columns)]
        which = f"Crop {number}" if len(places) > 1 else "Crop"
        caption = texts([[(f"{which} around pixel {place[0]},{place[1]}", SOFT)]], width)
        parts.append(beneath([rule(width), caption, *groups], GAP))
    sheet = framed(beneath(parts, MARGIN), MARGIN)
    profile = {"icc_profile": comparison.profile} if comparison.profile else {}
    return Image(from_pil(sheet), "RGB", {"exif": mark(), **profile})


def stacked(sheets: Sequence[Image]) -> Image:
    """Several sheets as one, one below the other; raises SharpError where that is too large."""
    height, width = sum(sheet.pixels.shape[0] for sheet in sheets), max(sheet.pixels.shape[1] for sheet in sheets)
    if height * width > 1e6 * MEGAPIXELS:
        raise SharpError(
            f"the sheet would have {height * width / 1e6:.0f} megapixels, and the limit is {MEGAPIXELS}; "
            "use a smaller size or zoom, or fewer frames"
        )
    whole = beneath([to_pil(sheet.pixels, "RGB") for sheet in sheets], 0)
    return Image(from_pil(whole), "RGB", sheets[0].metadata)


def _heading(comparison: Comparison, windows: Sequence[Window], name: str, width: int, zoom: int) -> PILImage.Image:
    """The overview, and next to it the notes of `about`."""
    seen = overview(comparison, windows, OVERVIEW)
    room = width - seen.width - GAP
    head = [texts([[(line, INK)] for line in wrapped(name, TITLE, room, 2)], room, TITLE)]
    for sentence in about(comparison, windows[0], zoom):
        head.append(texts([[(line, SOFT)] for line in wrapped(sentence, TEXT, room, 4)], room))
    return beside([seen, beneath(head, SPACE)], GAP)


def about(comparison: Comparison, where: Window, zoom: int, say: Callable[..., str] = str.format) -> list[str]:
    """Sentences that explain the crops, times and scores of a comparison.

    `say` puts values into a sentence, maybe in another language.
    """
    width, height = comparison.size
    rows, columns = where
    made = [say("{size} pixels", size=f"{width} x {height}")]
    if comparison.upscale != 1:
        made.append(say("enlarged {upscale} times by bicubic interpolation", upscale=f"{comparison.upscale:g}"))
    if comparison.strength != 1:
        made.append(say("strength {strength}", strength=f"{comparison.strength:g}"))
    crop = f"{columns.stop - columns.start} x {rows.stop - rows.start}"
    sentences = [
        f"{', '.join(made)}.",
        say("Crops of {size} pixels, magnified {zoom} times.", size=crop, zoom=zoom),
        say(
            "Times: one run on the whole image on {processor}, {cores} cores, without loading weights and without "
            "reading or writing files.",
            processor=processor(),
            cores=cores(),
        ),
    ]
    if comparison.convention:
        sentences.append(
            say(
                "Scores: the whole image against the reference, followed by the gain over the input; "
                "convention {convention}.",
                convention=say(CONVENTIONS[comparison.convention]),
            )
        )
    return sentences


def _cell(
    candidate: Candidate, label: Sequence[str], where: Window, width: int, zoom: int, scored: bool
) -> PILImage.Image:
    """A crop below its name in so many lines, its time, and each metric with its gain."""
    time = f"{figure('ms', 1000 * candidate.seconds)} ms" if candidate.seconds is not None else candidate.role
    figures: list[Line] = [[(time, SOFT)]]
    for metric in METRICS if scored else ():
        figures.append(_figures(candidate, metric))
    name = texts([[(line, INK)] for line in label], width, NAME)
    crop = to_pil(magnified(candidate.pixels[where], zoom), "RGB")
    return beneath([name, texts(figures, width), crop], SPACE)


def _figures(candidate: Candidate, metric: str) -> Line:
    if metric not in candidate.scores:
        return []
    line = [(f"{metric.upper()} {with_unit(metric, candidate.scores[metric])}", SOFT)]
    if (won := candidate.scores.get(f"gain_{metric}")) is not None:
        line.append((figure(f"gain_{metric}", won), BETTER if won > 0 else WORSE if won < 0 else SOFT))
    return line


def overview(comparison: Comparison, windows: Sequence[Window], size: tuple[int, int]) -> PILImage.Image:
    """The input in at most `size` (width, height), each place framed, and numbered where there are several."""
    image = small(comparison.input.pixels, "RGB", size)
    draw = ImageDraw.Draw(image)
    scale = image.width / comparison.size[0], image.height / comparison.size[1]
    for number, (rows, columns) in enumerate(windows, 1):
        left, right = (round(edge * scale[0]) for edge in (columns.start, columns.stop))
        top, bottom = (round(edge * scale[1]) for edge in (rows.start, rows.stop))
        # Dark around light around dark, to be seen on any ground.
        for inset, color in enumerate((INK, PAPER, PAPER, INK)):
            box = left + inset, top + inset, right - 1 - inset, bottom - 1 - inset
            if box[0] <= box[2] and box[1] <= box[3]:
                draw.rectangle(box, outline=color)
        if len(windows) > 1:
            across, high = round(wide(str(number), TEXT)) + 8, line_height(TEXT)
            x, y = max(0, min(left, image.width - across)), max(0, min(top, image.height - high))
            draw.rectangle((x, y, x + across - 1, y + high - 1), fill=INK)
            draw.text((x + 4, y + 1), str(number), fill=PAPER, font=font(TEXT))
    return image
