"""What a BMP file holds besides its pixels: how its colours are meant, and what lies behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sharpcli.image.codecs.bmp import EMBEDDED, LINKED, says
from sharpcli.image.inventory.part import Part, part

CALIBRATED = bytes(4)


def bmp_parts(file: BinaryIO) -> Iterator[Part]:
    """The parts of an open BMP; raises struct.error where its headers are cut."""
    found = says(file)
    size = file.seek(0, 2)
    start, end = found.profile
    if found.space in (EMBEDDED, LINKED):
        file.seek(start)
        kind = "ICC profile" if found.space == EMBEDDED else "link to a colour profile"
        yield part(kind, file.read(end - start), color=True)
    elif found.space == CALIBRATED and any(found.calibration):
        yield part("colour calibration", found.calibration, color=True)
    behind = max(found.end, end)
    file.seek(behind)
    if behind < size and (rest := file.read()).strip(b"\0"):  # some fill up the last block of the disk
        yield part("data behind the image", rest)
