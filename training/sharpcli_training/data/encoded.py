"""Encodes the images of a pack, each as WebP, and some of them once more as what a codec left of them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from sharpcli.errors import SharpError
from sharpcli.measure.cores import cores
from sharpcli_training.data.pack_index import Coding, number_of

HELD_OUT_SIDE = 240
"""Side of the crop that is kept of a held-out image, without loss."""
SMALLEST_CODED = 144
"""Side of the smallest images that are coded as well: a window must fit into them."""


@dataclass(frozen=True)
class Encoding:
    """How images are encoded."""

    held_out: bool
    """Without loss, but only their middle."""
    quality: int
    coded: int = 0
    """Images that are degraded and coded too, evenly spread over all that are large enough."""
    video: bool = False
    """Whether a third of these are frames of videos."""
    seed: int = 0


@dataclass(frozen=True)
class Encoded:
    """One image as it lies in a pack, and its coded square if it has one."""

    mode: str
    size: tuple[int, int]
    data: bytes
    coding: Coding | None = None
    coded: bytes = b""


def encoded(paths: Mapping[str, Path], files: Sequence[str], how: Encoding) -> Iterator[Encoded]:
    """The files in their order, read from their paths; raises SharpError for one that cannot be read."""
    turns = _turns(paths, files, how.coded) if how.coded else {}

    def encode(file: str) -> Encoded:
        with _opened(paths[file]) as opened:
            image = opened.convert("L" if opened.mode in ("1", "L", "I", "I;16", "F") else "RGB")
        if how.held_out:
            (width, height), side = image.size, HELD_OUT_SIDE
            left, top = max(0, (width - side) // 2), max(0, (height - side) // 2)
            image = image.crop((left, top, left + min(width, side), top + min(height, side)))
        data = io.BytesIO()
        image.save(data, "WEBP", quality=how.quality, lossless=how.held_out, method=4)
        packed = Encoded(image.mode, image.size, data.getvalue())
        return packed if file not in turns else _with_square(packed, file, turns[file], how)

    with _one_thread(bool(turns)), ThreadPoolExecutor(cores()) as pool:  # libwebp and torch let go of the interpreter
        yield from pool.map(encode, files)


def _one_thread(coding: bool) -> AbstractContextManager[None]:
    if not coding:
        return nullcontext()
    from sharpcli_training.data.coded import one_thread

    return one_thread()


def _with_square(packed: Encoded, file: str, turn: int, how: Encoding) -> Encoded:
    from sharpcli_training.data.coded import coded_square

    # As it lies in the pack, since that is what a network learns to give back.
    with Image.open(io.BytesIO(packed.data)) as stored:
        image = stored.convert(packed.mode)
    seed = number_of(f"coded {how.seed} {file}") % 2**63
    coding, data = coded_square(image, seed, turn, lossless=how.held_out, video=how.video)
    return Encoded(packed.mode, packed.size, packed.data, coding, data)


def _turns(paths: Mapping[str, Path], files: Sequence[str], count: int) -> dict[str, int]:
    """The files to code, numbered."""
    large = [file for file in files if _shorter(paths[file]) >= SMALLEST_CODED]
    count = min(count, len(large))
    return {large[number * len(large) // count]: number for number in range(count)}


def _shorter(path: Path) -> int:
    with _opened(path) as image:
        return min(image.size)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    try:
        with Image.open(path) as image:
            yield image
    except (OSError, UnidentifiedImageError) as error:
        raise SharpError(f"{path} cannot be read; mend or remove it") from error
