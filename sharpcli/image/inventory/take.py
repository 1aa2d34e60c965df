"""The list of what a file holds, by its format."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import BinaryIO

from sharpcli.image.complaints import complain
from sharpcli.image.inventory.part import Part

LISTS: dict[str, Callable[[BinaryIO], Iterable[Part]]] = {}
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
