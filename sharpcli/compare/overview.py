"""A comparison's whole picture, small, with the places marked that are looked at."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from sharpcli.compare.compare import Comparison
from sharpcli.compare.drawing import INK, PAPER, TEXT, font, line_height, wide
from sharpcli.image.crops import Window
from sharpcli.image.thumbnails import small


def overview(comparison: Comparison, windows: Sequence[Window], size: tuple[int, int]) -> Image.Image:
    """The input in at most `size` (width, height), each place framed, and numbered where there are several."""
    image = small(comparison.input.pixels, "RGB", size)
    draw = ImageDraw.Draw(image)
    scale = image.width / comparison.size[0], image.height / comparison.size[1]
    for number, (rows, columns) in enumerate(windows, 1):
        left, right = (round(edge * scale[0]) for edge in (columns.start, columns.stop))
        top, bottom = (round(edge * scale[1]) for edge in (rows.start, rows.stop))
        # Dark around light around dark, to be seen on any ground.
        for inset, colour in enumerate((INK, PAPER, PAPER, INK)):
            box = left + inset, top + inset, right - 1 - inset, bottom - 1 - inset
            if box[0] <= box[2] and box[1] <= box[3]:
                draw.rectangle(box, outline=colour)
        if len(windows) > 1:
            across, high = round(wide(str(number), TEXT)) + 8, line_height(TEXT)
            x, y = max(0, min(left, image.width - across)), max(0, min(top, image.height - high))
            draw.rectangle((x, y, x + across - 1, y + high - 1), fill=INK)
            draw.text((x + 4, y + 1), str(number), fill=PAPER, font=font(TEXT))
    return image
