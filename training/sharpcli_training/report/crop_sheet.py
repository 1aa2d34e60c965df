"""Pastes crops into a sheet and writes them as a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image as PILImage
from PIL import ImageDraw

from sharpcli.image.image import to_pil
from sharpcli_training.evaluation.rows import INPUT, Row
from sharpcli_training.evaluation.tables import markdown
from sharpcli_training.report.crops import CROP_SIZE, VISIBLE, Crop

ZOOM, GAP, LINE, FONT = 3, 6, 20, 14


def draw_sheet(crops: Sequence[Crop], rows: Sequence[Row], path: Path) -> None:
    """Write a lossless WebP: a line of crops each, input, every row, reference, enlarged without smoothing."""
    columns: list[Row | str] = [INPUT, *rows, "reference"]
    height, width = (ZOOM * side for side in CROP_SIZE)
    line = LINE + height + LINE + GAP
    sheet = PILImage.new("RGB", (len(columns) * (width + GAP) - GAP, len(crops) * line + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for index, crop in enumerate(crops):
        top = index * line
        draw.text((2, top + 2), crop.title, fill="black", font_size=FONT)
        for column, key in enumerate(columns):
            left = column * (width + GAP)
            part = to_pil(crop.pixels[key], "RGB").resize((width, height), PILImage.Resampling.NEAREST)
            sheet.paste(part, (left, top + LINE))
            name = key.label if isinstance(key, Row) else key
            figure = f"  {_decibel(crop.psnr[key])} dB" if isinstance(key, Row) else ""
            draw.text((left + 2, top + LINE + height + 1), name + figure, fill="black", font_size=FONT)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, "WEBP", lossless=True, method=6)


def about(command: str, page: str, images: Iterable[str]) -> str:
    """What a page of crops says before it shows them; `page` is the file that holds the figures."""
    size = f"{CROP_SIZE[1]}x{CROP_SIZE[0]}"
    return f"""Written by

`{command}`

For each network, at its default options, the crop where it gains most over the input and the one where it gains
least or loses most, chosen by PSNR and by nobody's taste. Crops are {size} pixels, enlarged {ZOOM} times
without smoothing. A crop's PSNR is that of its luma, as in convention `y` but with no border to cut. Passed over
are crops where some part lies within {VISIBLE:g} dB of the reference before and after: nothing could be seen there.

The images are scikit-image's, CC0 or in the public domain:
{", ".join(images)}.
The degradations are explained in [{page}]({page})."""


def crops_markdown(crops: Sequence[Crop], rows: Sequence[Row]) -> str:
    """The crops' PSNR in dB, a line each, with the place of its upper left corner."""
    lines = [
        [crop.title, "{1}, {0}".format(*crop.place), *(_decibel(crop.psnr[row]) for row in (INPUT, *rows))]
        for crop in crops
    ]
    return markdown(["crop", "x, y", "input", *(row.label for row in rows)], lines)


def _decibel(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "inf"
