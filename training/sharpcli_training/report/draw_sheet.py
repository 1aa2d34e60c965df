"""A contact sheet of drawn degradations, to see whether they look like what people have."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageDraw

from sharpcli_training.data.degradation.words import family, words
from sharpcli_training.data.degraded import degraded_batch
from sharpcli_training.data.resident import Resident

PAIRS = {
    "sharp": 2,
    "sharp_jpeg": 6,
    "touched": 6,
    "gaussian": 10,
    "disc": 8,
    "motion": 6,
    "resampled": 12,
    "both": 4,
    "noise": 6,
}
"""How many of each family are shown, 60 together."""
BATCH, COLUMNS, ZOOM, SIDE, GAP, FONT, LINES = 32, 4, 2, 84, 8, 13, 2

Pair = tuple[NDArray[np.uint8], NDArray[np.uint8], str]


def draw_sheet(images: Resident, path: Path, seed: int = 0) -> int:
    """Write a sheet of original and degraded crops side by side, by family; returns how many pairs it shows.

    `images` are in colour. The seed alone decides what is drawn. The suffix of `path` decides on the format.
    """
    found = _drawn(images, seed)
    shown = [(name, pair) for name in PAIRS for pair in found[name]]
    side, line = ZOOM * SIDE, ZOOM * SIDE + LINES * (FONT + 3) + GAP
    width = 2 * side + GAP
    rows = -(-len(shown) // COLUMNS)
    sheet = PILImage.new("RGB", (COLUMNS * (width + GAP) - GAP, rows * line), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (name, (original, degraded, said)) in enumerate(shown):
        left, top = index % COLUMNS * (width + GAP), index // COLUMNS * line
        for place, pixels in enumerate((original, degraded)):
            crop = PILImage.fromarray(pixels).resize((side, side), PILImage.Resampling.NEAREST)
            sheet.paste(crop, (left + place * side, top))
        text = "\n".join(textwrap.wrap(f"{name}: {said}", 52)[:LINES])
        pen.multiline_text((left, top + side + 1), text, fill="black", font_size=FONT, spacing=2)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, quality=88)
    return len(shown)


def _drawn(images: Resident, seed: int) -> dict[str, list[Pair]]:
    """The first pairs of each family that come."""
    generator = torch.Generator(images.device).manual_seed(seed)
    found: dict[str, list[Pair]] = defaultdict(list)
    while any(len(found[name]) < count for name, count in PAIRS.items()):
        batch = degraded_batch(images, BATCH, generator)
        for index, crops in enumerate(zip(batch.reference, batch.degraded, strict=True)):
            name = family(batch.draw, index)
            if len(found[name]) < PAIRS[name]:
                original, degraded = (_pixels(crop) for crop in crops)
                found[name].append((original, degraded, words(batch.draw, index)))
    return found


def _pixels(crop: torch.Tensor) -> NDArray[np.uint8]:
    edge = (crop.shape[-1] - SIDE) // 2
    inner = crop[:, edge : edge + SIDE, edge : edge + SIDE]
    return (255 * inner).round().byte().movedim(0, 2).cpu().numpy()
