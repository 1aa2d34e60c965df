"""The list of what a file holds, by its format."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import BinaryIO

from sharpcli.image.complaints import complain
from sharpcli.image.inventory.bmff import bmff_parts
from sharpcli.image.inventory.bmp import bmp_parts
from sharpcli.image.inventory.gif import gif_parts
from sharpcli.image.inventory.jpeg import jpeg_parts
from sharpcli.image.inventory.part import Part
from sharpcli.image.inventory.png import png_parts
from sharpcli.image.inventory.tiff import tiff_parts
from sharpcli.image.inventory.webp import webp_parts

LISTS: dict[str, Callable[[BinaryIO], Iterable[Part]]] = {
    "PNG": png_parts,
    "JPEG": jpeg_parts,
    "WEBP": webp_parts,
    "TIFF": tiff_parts,
    "BMP": bmp_parts,
    "GIF": gif_parts,
    "AVIF": bmff_parts,
    "HEIC": bmff_parts,
}
"""By Pillow's name of a format; each reads an open file from its start."""


def inventory(file: BinaryIO, format: str) -> tuple[Part, ...]:
    """What an open file of a format holds besides its pixels; a complaint where it cannot be listed to the end."""
    parts: list[Part] = []
    file.seek(0)
    try:
        if listed := LISTS.get(format):
            for one in listed(file):
                parts.append(one)
    except (ValueError, struct.error, IndexError) as error:
        complain(f"what it holds besides its pixels cannot be listed to the end: {error}")
    return tuple(parts)
