"""Two images of one size, kept in a visit's folder, and the parts of them that a visitor looks at."""

from __future__ import annotations

import io
import os
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from PIL import Image as PILImage

from sharpcli.errors import SharpError
from sharpcli.image.crops import as_png
from sharpcli.image.image import Image, Pixels, from_pil, in_8_bits, to_pil
from sharpcli.web.words.say import say

SIDE = 256
"""Rows and columns of a tile."""
LEVELS = 13
"""Each level halves the one before; no image is so large that it needs more."""
QUALITY = 90
"""Of the WebP of what is reduced; at full resolution it is lossless."""
NAMES = ("before", "after")
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
FOLDER = re.compile(r"visit-[A-Za-z0-9_-]{8,64}")


def displayable(image: Image) -> Image:
    """The image as browsers show it: in 8 bits, with its colour profile, and RGB instead of CMYK."""
    pixels, mode = in_8_bits(image.pixels), image.mode
    metadata = dict(image.metadata)
    if mode == "CMYK":
        pixels, mode = from_pil(to_pil(pixels, mode).convert("RGB")), "RGB"
        metadata.pop("icc_profile", None)  # it speaks of inks
    return replace(image, pixels=pixels, mode=mode, metadata=metadata)


def keep_pair(folder: Path, before: Image, after: Image) -> tuple[int, int]:
    """Write the pixels of both to a folder; a checksum of each, by which the same pixels are known again.

    Raises SharpError when the disk is full.
    """
    shown = [displayable(image) for image in (before, after)]
    try:
        for name, image in zip(NAMES, shown, strict=True):
            np.save(folder / f"{name}.npy", image.pixels)
            (folder / f"{name}.icc").write_bytes(image.metadata.get("icc_profile", b""))
    except OSError as error:
        raise SharpError(
            say("not enough disk space to show the image ({reason})", reason=error.strerror or error)
        ) from error
    first, second = (crc32(np.ascontiguousarray(image.pixels).data) for image in shown)
    return first, second


def tile(root: Path, asked: Mapping[str, Any]) -> dict[str, str]:
    """The data URLs of one tile of both images: `folder`, `level`, `column` and `row` say which.

    At level 0 the pixels are those of the image, bit for bit; at level n, means of 2**n x 2**n of them. Raises
    SharpError for a folder that is gone and a tile that is none.
    """
    try:
        level, column, row = (int(asked[name]) for name in ("level", "column", "row"))
    except (KeyError, TypeError, ValueError) as error:
        raise SharpError(say("a tile is named by whole numbers: level, column and row")) from error
    if not (0 <= level <= LEVELS and column >= 0 and row >= 0):
        raise SharpError(say("there is no tile {column},{row} at level {level}", column=column, row=row, level=level))
    side = SIDE << level
    rows, columns = (slice(side * number, side * (number + 1)) for number in (row, column))
    answer = {}
    for name in NAMES:
        pixels, profile = _kept(root, asked.get("folder"), name)
        part = pixels[rows, columns]
        if not part.size:
            raise SharpError(
                say("there is no tile {column},{row} at level {level}", column=column, row=row, level=level)
            )
        answer[name] = _encoded(part, level, profile)
    return answer


def whole(root: Path, asked: Mapping[str, Any]) -> str:
    """The data URL of the image after as a PNG, whole and at full resolution. Raises SharpError."""
    pixels, profile = _kept(root, asked.get("folder"), NAMES[1])
    return _url("png", as_png(to_pil(pixels, MODES[pixels.shape[2]]), profile))


def _kept(root: Path, folder: Any, name: str) -> tuple[Pixels, bytes]:
    """The pixels, read where they are looked at, and the colour profile."""
    if not isinstance(folder, str) or not FOLDER.fullmatch(folder):  # a name that nobody can guess
        raise SharpError(say("this is not the name of a result"))
    file = root / folder / f"{name}.npy"
    try:
        pixels: Pixels = np.load(file, mmap_mode="r")
        os.utime(file)  # it is in use, and not old
        return pixels, file.with_suffix(".icc").read_bytes()
    except FileNotFoundError as error:
        raise SharpError(say("this result has been deleted; sharpen the image again")) from error


def _encoded(pixels: Pixels, level: int, profile: bytes) -> str:
    mode = MODES[pixels.shape[2]]
    image = to_pil(pixels, mode)
    if level:
        image = image.reduce(min(1 << level, *image.size))
    if mode in ("L", "LA"):  # WebP has no grey, so a grey profile would be wrong in one
        return _url("png", as_png(image, profile))
    return _url("webp", _webp(image, profile, lossless=not level))


def _webp(image: PILImage.Image, profile: bytes, lossless: bool) -> bytes:
    file = io.BytesIO()
    # The quality of a lossless WebP is how hard the encoder tries.
    settings = {"lossless": True, "exact": True, "quality": 20, "method": 0} if lossless else {"quality": QUALITY}
    image.save(file, "WEBP", icc_profile=profile, **settings)
    return file.getvalue()


def _url(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode('ascii')}"
