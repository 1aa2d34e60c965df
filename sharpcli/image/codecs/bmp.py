"""BMP files: Pillow has plain pixels, runs of them and profiles are read here (Windows' BITMAPV5HEADER and before)."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import Stored
from sharpcli.image.codecs.pillow import by_pillow, fill, header
from sharpcli.image.complaints import complain
from sharpcli.image.image import Image, bands
from sharpcli.image.metadata import Metadata
from sharpcli.image.scratch import Scratch

FILE_HEAD, V3, V4, V5 = 14, 40, 108, 124
RLE8, RLE4 = 1, 2
EMBEDDED, LINKED = b"DEBM", b"KNIL"
PERCEPTUAL = 4
METRE = 39.3701  # inches
EARLY = "is damaged or truncated (its pixels end too early)"


@dataclass(frozen=True)
class Says:
    """What a BMP's headers say; `space` is how colours are told, `end` where the pixels end, `profile` (start, end)."""

    header: int
    offset: int
    bits: int
    compression: int
    colors: int
    space: bytes
    calibration: bytes
    end: int
    profile: tuple[int, int] = (0, 0)


def says(file: BinaryIO) -> Says:
    """The headers of an open BMP; raises struct.error where they are cut."""
    file.seek(0)
    head = file.read(FILE_HEAD + V5)
    offset, size = struct.unpack_from("<II", head, 10)
    if size < V3:
        width, height, _, bits = struct.unpack_from("<HHHH", head, 18)
        compression, data, colors = 0, 0, 0
    else:
        width, height, _, bits, compression, data, _, _, colors = struct.unpack_from("<iiHHIIiiI", head, 18)
    stride = (width * bits + 31) // 32 * 4
    end = offset + (data if compression in (RLE8, RLE4) else stride * abs(height))
    space, calibration = (head[70:74], head[74:122]) if size >= V4 else (b"", b"")
    profile = (0, 0)
    if size >= V5 and space in (EMBEDDED, LINKED):
        start, length = struct.unpack_from("<II", head, FILE_HEAD + 112)
        profile = FILE_HEAD + start, FILE_HEAD + start + length
    colors = min(colors or 1 << bits, 1 << bits) if bits <= 8 else 0
    return Says(size, offset, bits, compression, colors, space, calibration, end, profile)


def bmp(file: BinaryIO) -> Stored:
    """The image of an open BMP; raises ImageError or what Pillow raises."""
    try:
        pil_image = header("BMP", file)
    except OSError as error:
        if error.errno is None and str(error).startswith("Unsupported BMP"):
            what = str(error).removeprefix("Unsupported BMP ")
            raise ImageError(f"is a BMP of a kind that is not read ({what}); save it as PNG") from error
        raise
    found = says(file)
    stored = by_pillow(pil_image, "BMP", file)
    metadata = dict(stored.metadata)
    if found.space == EMBEDDED:
        file.seek(found.profile[0])
        metadata["icc_profile"] = file.read(found.profile[1] - found.profile[0])
        if found.profile[1] > os.fstat(file.fileno()).st_size:
            raise ImageError("is damaged or truncated (the file ends before its colour profile does)")
    return replace(stored, metadata=metadata, fill=partial(_fill, file, found, pil_image, stored.mode))


def _fill(
    file: BinaryIO, found: Says, image: PILImage.Image, mode: str, target: NDArray[np.uint8], scratch: Scratch
) -> None:
    if found.compression in (RLE8, RLE4):
        file.seek(found.offset)
        indices = unrolled(file.read(), image.width, image.height, four=found.compression == RLE4)
        if image.mode == "1":  # black and white, as Pillow takes a palette of them
            indices[indices > 0] = 255
        plain = PILImage.fromarray(indices[::-1])
        if image.mode == "P" and image.palette:
            plain.putpalette(image.palette.getdata()[1], image.palette.getdata()[0].replace(";L", ""))
        image = plain
    image.load()
    if image.mode == "P" and int(image.getextrema()[1]) >= found.colors:  # type: ignore[arg-type]
        complain("pixels of colours that its palette lacks")
    fill([image], mode, target, scratch)  # type: ignore[list-item]


def unrolled(data: bytes, width: int, height: int, *, four: bool) -> NDArray[np.uint8]:
    """The indices of a BMP that is packed in runs (RLE8, or RLE4 with `four`), from the lowest row up.

    Raises ImageError where they end before the image does; what is skipped on purpose is 0, with a complaint.
    """
    pixels = np.zeros((height, width), np.uint8)
    x = y = told = 0
    for right, up, run in _steps(data, four=four):
        if run is None:
            x, y = (0 if right is None else x + right), y + up
        else:
            fits = max(0, min(len(run), width - x))
            pixels[y, x : x + fits] = run[:fits]
            if fits < len(run):
                complain("a run of pixels is longer than its row")
            x, told = x + len(run), told + fits
        if y >= height or (told == width * height and x >= width):
            break  # every pixel is there, with a mark of the end or without
    if y < height - 1:
        raise ImageError(EARLY)
    if told < width * height:
        complain("it leaves out pixels, which are of its first colour")
    return pixels


def _steps(data: bytes, *, four: bool) -> Iterator[tuple[int | None, int, NDArray[np.uint8] | None]]:
    """What the runs say, one after the other: so far to the right (None: to the row's start) and up, or these pixels.

    Raises ImageError where one is cut.
    """
    place = 0
    while place + 2 <= len(data):
        count, value = data[place], data[place + 1]
        place += 2
        if count:
            yield 0, 0, np.resize(_indices(bytes([value]), four), count)
        elif value == 0:
            yield None, 1, None
        elif value == 1:
            return
        else:
            length = 2 if value == 2 else (value + 1) // 2 if four else value
            body = data[place : place + length]
            place += length + length % 2
            if len(body) < length:
                raise ImageError(EARLY)
            if value == 2:
                yield body[0], body[1], None
            else:
                yield 0, 0, _indices(body, four)[:value]
    raise ImageError(EARLY)


def _indices(data: bytes, four: bool) -> NDArray[np.uint8]:
    """The indices in some bytes, one or two in each."""
    found = np.frombuffer(data, np.uint8)
    return np.stack([found >> 4, found & 15], axis=1).reshape(-1) if four else found


def write_bmp(file: BinaryIO, image: Image, metadata: Metadata) -> None:
    """Write a BMP, with BITMAPV5HEADER where there is a profile; raises OSError, and ValueError above 4 GB."""
    height, width = image.pixels.shape[:2]
    grey = image.mode == "L"
    profile = metadata.get("icc_profile", b"")
    bits, colors, size = (8, 256, V5 if profile else V3) if grey else (24, 0, V5 if profile else V3)
    stride = (width * bits + 31) // 32 * 4
    offset, length = FILE_HEAD + size + 4 * colors, stride * height
    whole = offset + length + len(profile)
    if whole >= 1 << 32:
        raise ValueError("more than the 4 GB that a BMP can have")
    across, down = (min(int(dpi * METRE + 0.5), (1 << 31) - 1) for dpi in metadata.get("dpi", (96, 96)))
    head = io.BytesIO()
    head.write(struct.pack("<2sIII", b"BM", whole, 0, offset))
    head.write(struct.pack("<IiiHHIIiiII", size, width, height, 1, bits, 0, length, across, down, colors, colors))
    if profile:
        head.write(bytes(16) + EMBEDDED + bytes(48))
        head.write(struct.pack("<IIII", PERCEPTUAL, offset - FILE_HEAD + length, len(profile), 0))
    head.write(b"".join(bytes([level, level, level, 0]) for level in range(colors)))
    file.write(head.getbuffer())
    for rows in reversed(list(bands(height, width))):
        part = image.pixels[rows][::-1]
        packed = np.zeros((len(part), stride), np.uint8)
        packed[:, : width * part.shape[2]] = part[..., ::-1].reshape(len(part), -1)
        file.write(packed.data)
    file.write(profile)
