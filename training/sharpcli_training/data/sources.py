"""The sharp images of a folder, which photograph each shows, and which photographs are held out of training."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli.files.formats import FORMATS
from sharpcli.files.names import shown
from sharpcli.files.walk import Unreadable, walk
from sharpcli_training.data.pack_index import number_of

NUMBERED = re.compile(r"\D+_\d{3,}")
"""How cameras name photographs: IMG_0001."""


def find_images(source: Path) -> Iterator[Path]:
    """The images below a folder, in a fixed order, without what is hidden, as `enhance` passes over it.

    Raises SharpError when the folder does not exist, and when a folder in it cannot be read.
    """
    if not source.is_dir():
        raise SharpError(f"{source} is not a folder; give a folder of sharp images")
    unreadable: list[Unreadable] = []
    found = walk(source, recursive=True, glob=("*",), exclude=(), outputs=(), unreadable=unreadable)
    paths = [source / here / name for here, names in found for name in names]
    if unreadable:
        raise SharpError(f"{shown(unreadable[0][0])} {unreadable[0][1]}; make it readable or move it away")
    yield from sorted(path for path in paths if path.suffix.lower().lstrip(".") in FORMATS)


def photograph(file: str) -> str:
    """The photograph a file shows, by its name alone: the stem before its last `_`, so that crops stay together.

    Three digits or more behind letters are a camera's number, and belong to the photograph: IMG_0001.jpg and
    IMG_0001_2.jpg show one, IMG_0002.jpg another.
    """
    stem = Path(file).stem
    numbered = NUMBERED.match(stem)
    return numbered[0] if numbered else stem.rpartition("_")[0] or stem


def is_held_out(name: str) -> bool:
    """Whether a photograph is one in ten that no network may learn from: by a hash, whatever others there are."""
    return number_of(name) % 10 == 0
