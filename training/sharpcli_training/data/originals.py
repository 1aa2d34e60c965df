"""Packs originals into one file of WebP images, small enough to carry to a machine with a GPU.

Nothing is degraded here: that happens to each crop anew while a network learns. One photograph in ten is held out,
with all its versions. Images are read and written by Pillow alone.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file

SUFFIXES = {".png", ".webp", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"}
INDEX, IMAGES = "index.json", "images.bin"
HELD_OUT_SIDE = 240
"""Side of the crop that is kept of a held-out image, without loss."""


@dataclass(frozen=True)
class PackPlan:
    """What goes into a pack."""

    photographs: Path | None = None
    """A CSV with the columns `file` (below the folder) and `photograph`; without one, names tell: see `photograph`."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Part of the training images to take from a folder (its first level below the source)."""
    quality: int = 90
    max_mib: float = 46.0
    """The pack stops growing here."""
    validation: int = 40
    """Held-out crops, at most."""


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


def pack_originals(source: Path, out: Path, plan: PackPlan, report: Callable[[int, int], None]) -> dict[str, Any]:
    """Write the pack of the images below `source` to the folder `out`; returns the card in its index.

    The same files give the same pack. Raises SharpError for images that cannot be read, and when nothing is left to
    train on.
    """
    names = _photographs(source, plan)
    held = [file for file in names if is_held_out(names[file])][: plan.validation]
    train = [file for file in names if not is_held_out(names[file]) and _taken(file, plan)]
    entries: list[Entry] = []
    full = False
    with whole_file(out / IMAGES) as packed:
        for split, files in (("val", held), ("train", train)):
            for file, (mode, size, data) in zip(files, _encoded(source, files, split, plan), strict=True):
                report(len(entries), len(held) + len(train))
                if packed.tell() + len(data) > plan.max_mib * 2**20:
                    full = True
                    break
                entries.append(Entry(split, file, names[file], mode, *size, packed.tell(), len(data)))
                packed.write(data)
    counts = {split: sum(entry.split == split for entry in entries) for split in ("train", "val")}
    if not counts["train"]:
        raise SharpError(f"{source} has no images to train on; give a folder of sharp images")
    pixels = sum(entry.width * entry.height for entry in entries if entry.split == "train")
    card: dict[str, Any] = {**counts, "megapixels": round(pixels / 1e6, 1), "full": full, "quality": plan.quality}
    card["sets"] = {name: sum(entry.file.startswith(f"{name}/") for entry in entries) for name in _sets(entries)}
    with whole_file(out / INDEX) as index:
        index.write(json.dumps({"card": card, "images": [asdict(entry) for entry in entries]}, indent=1).encode())
    return card


def read_index(pack: Path) -> tuple[dict[str, Any], list[Entry]]:
    """Card and images of a pack; raises SharpError when the folder holds none."""
    try:
        index = json.loads((pack / INDEX).read_text())
        return index["card"], [Entry(**entry) for entry in index["images"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SharpError(f"{pack} holds no pack of originals; make one with `sharpcli train originals`") from error


def photograph(file: str) -> str:
    """The photograph a file shows, by its name: the stem before its last `_`, so that crops stay together."""
    return Path(file).stem.rpartition("_")[0] or Path(file).stem


def is_held_out(name: str) -> bool:
    """Whether a photograph is one in ten that no network may learn from."""
    return _number(name) % 10 == 0


def _photographs(source: Path, plan: PackPlan) -> dict[str, str]:
    """Each image's photograph, in an order that is the same everywhere and mixes the folders."""
    if plan.photographs is not None:
        try:
            with plan.photographs.open(newline="") as file:
                names = {row["file"]: row["photograph"] for row in csv.DictReader(file)}
        except (OSError, KeyError) as error:
            raise SharpError(f"{plan.photographs} is not a CSV with the columns file and photograph") from error
    else:
        found = (path.relative_to(source).as_posix() for path in source.rglob("*") if path.suffix.lower() in SUFFIXES)
        names = {file: photograph(file) for file in found}
    return {file: names[file] for file in sorted(names, key=_number)}


def _taken(file: str, plan: PackPlan) -> bool:
    share = plan.shares.get(file.partition("/")[0], 1.0)
    return _number(f"share {file}") % 10_000 < 10_000 * share


def _encoded(
    source: Path, files: list[str], split: str, plan: PackPlan
) -> Iterable[tuple[str, tuple[int, int], bytes]]:
    def encode(file: str) -> tuple[str, tuple[int, int], bytes]:
        data = io.BytesIO()
        try:
            with Image.open(source / file) as opened:
                image = opened.convert("L" if opened.mode in ("1", "L", "I", "I;16", "F") else "RGB")
        except (OSError, UnidentifiedImageError) as error:
            raise SharpError(f"{source / file} cannot be read; mend or remove it") from error
        if split == "train":
            image.save(data, "WEBP", quality=plan.quality, method=4)
        else:
            (width, height), side = image.size, HELD_OUT_SIDE
            left, top = max(0, (width - side) // 2), max(0, (height - side) // 2)
            image = image.crop((left, top, left + min(width, side), top + min(height, side)))
            image.save(data, "WEBP", lossless=True)
        return image.mode, image.size, data.getvalue()

    with ThreadPoolExecutor() as pool:  # libwebp lets go of the interpreter
        yield from pool.map(encode, files)


def _sets(entries: list[Entry]) -> list[str]:
    return sorted({entry.file.partition("/")[0] for entry in entries if "/" in entry.file})


def _number(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16)
