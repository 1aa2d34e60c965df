"""What a pack of originals says of itself: its card, and where each image lies in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file

INDEX, IMAGES = "index.json", "images.bin"


@dataclass(frozen=True)
class Entry:
    """One image of a pack."""

    split: str
    """`train` or `val`."""
    file: str
    photograph: str
    mode: str
    """`L` or `RGB`."""
    width: int
    height: int
    offset: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Coding:
    """How a square of an image was degraded and then coded."""

    top: int
    left: int
    side: int
    codec: str
    """`webp`, or the video codec that the square is a frame of."""
    quality: float
    """Of WebP, 1-100; of video, its bits per pixel."""
    draw: Mapping[str, float]
    """What the square went through before: the fields of `Draw`."""


@dataclass(frozen=True, kw_only=True)
class Coded(Coding):
    """A coded square of one of the pack's images."""

    split: str
    image: int
    """Index into the pack's images."""
    offset: int
    bytes: int


def write_index(pack: Path, card: dict[str, Any], entries: list[Entry], coded: list[Coded]) -> None:
    """Write the index of a pack. Raises OSError."""
    content = {"card": card, "images": [asdict(entry) for entry in entries]}
    if coded:
        content["coded"] = [asdict(one) for one in coded]
    with whole_file(pack / INDEX) as index:
        index.write(json.dumps(content, indent=1).encode())


def read_index(pack: Path) -> tuple[dict[str, Any], list[Entry]]:
    """Card and images of a pack; raises SharpError when the folder holds none."""
    card, entries, _ = _read(pack)
    return card, entries


def read_coded(pack: Path) -> list[Coded]:
    """The coded squares of a pack, none in most; raises SharpError when the folder holds no pack."""
    return _read(pack)[2]


def number_of(name: str) -> int:
    """A name's SHA-256: mixes names in a way that is the same everywhere."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16)


def _read(pack: Path) -> tuple[dict[str, Any], list[Entry], list[Coded]]:
    try:
        index = json.loads((pack / INDEX).read_text())
        entries = [Entry(**entry) for entry in index["images"]]
        return index["card"], entries, [Coded(**one) for one in index.get("coded", [])]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SharpError(f"{pack} holds no pack of originals; make one with `sharpcli train originals`") from error
