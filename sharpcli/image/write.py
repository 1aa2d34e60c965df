"""Writing pictures to files, with all that the file's format can hold."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from PIL import Image, PngImagePlugin

from sharpcli.errors import PictureError
from sharpcli.files.atomic import whole_file
from sharpcli.files.formats import FORMATS, TABLE, Format
from sharpcli.image import exif as exif_bytes
from sharpcli.image.codecs import deep
from sharpcli.image.image import WHOLE, Picture, to_image
from sharpcli.image.metadata import ORIENTATION, SEGMENT, Metadata, app13, only, sized, slim
from sharpcli.image.scratch import IN_MEMORY, Scratch

QUALITY = 95
AVIF_QUALITY = 90
XMP_MARK = 29  # bytes that tell an XMP segment of a JPEG
PNG_START = 33  # bytes of a PNG's signature and header chunk
JPEG_END = b"\xff\xd9"

SRGB = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
"""White, red, green and blue of sRGB as a PNG's cHRM tells them, in 1/100000."""
SRGB_GAMMA, NEAR = 45455, 100  # likewise
GREY_SPACE = b"GRAY"  # in an ICC profile's header


def write_picture(
    picture: Picture, path: Path, quality: int | None = None, strip: bool = False, scratch: Scratch = IN_MEMORY
) -> None:
    """Encode by the ending of `path`; the file appears whole or not at all. Raises PictureError.

    `quality` is 1-100 for JPEG, WebP and AVIF; without it a JPEG keeps the compression it had, a lossless WebP stays
    lossless, and others get 95 (AVIF 90). `strip` leaves out Exif, XMP, texts, IPTC and the print size, but no colour
    profile: without it the colours would change. Working arrays come from `scratch`.
    """
    ending = path.suffix.lower().lstrip(".")
    if ending not in FORMATS:
        raise PictureError(
            f"{path.suffix or 'no ending'} cannot be written; use --format png, jpg, webp, tiff, bmp or avif"
        )
    format = TABLE[FORMATS[ending]]
    if reason := lost_colour(picture.metadata, picture.mode, format.name):
        raise PictureError(reason)
    picture = _fitted(picture, format)
    metadata = only(picture.metadata, strip=strip)
    if "exif" in metadata:
        height, width = picture.pixels.shape[:2]
        metadata["exif"] = sized(metadata["exif"], width, height)
    try:
        with whole_file(path) as file:
            if format.name in ENCODERS:
                ENCODERS[format.name](file, picture, metadata, scratch)
            else:
                _save(file, picture, format.name, OPTIONS[format.name](metadata, quality))
    except (OSError, ValueError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise PictureError(f"cannot be written to {path} ({' '.join(reason.split())})") from error


class _Unnumbered(io.RawIOBase):
    """A file without a number: Pillow would write past it, where a full disk can cut a JPEG short without an error."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: Any) -> int:
        """Write all of it; raises OSError."""
        return self._file.write(data)


def _save(file: BinaryIO, picture: Picture, name: str, options: dict[str, Any]) -> None:
    image = to_image(picture.pixels, picture.mode)
    if name == "JPEG" and image.width * image.height <= WHOLE and _saved_in_memory(file, image, options):
        return
    try:
        image.save(cast(BinaryIO, _Unnumbered(file)), format=name, **options)
    except OSError:
        # The room that Pillow gives libjpeg for a progressive file is too small for the finest tables with much noise.
        if not options.pop("progressive", False):
            raise
        file.seek(0)
        file.truncate()
        image.save(cast(BinaryIO, _Unnumbered(file)), format=name, **options)


def _saved_in_memory(file: BinaryIO, image: Image.Image, options: Mapping[str, Any]) -> bool:
    """Write a JPEG in a way that lets other threads work meanwhile; False when that did not work out.

    Pillow holds Python's lock unless it writes to a file's number, so it gets the number of a file in memory.
    """
    if not hasattr(os, "memfd_create"):
        return False
    with os.fdopen(os.memfd_create("sharpcli"), "w+b") as memory:
        with suppress(OSError):
            image.save(memory, format="JPEG", **options)
        memory.seek(0)
        content = memory.read()
    if not content.endswith(JPEG_END):
        return False
    file.write(content)
    return True


def _fitted(picture: Picture, format: Format) -> Picture:
    """The picture as the format holds it; raises PictureError where something that is seen would be lost."""
    mode, pixels = picture.mode, picture.pixels
    if pixels.dtype == np.uint16 and not format.deep:
        raise PictureError(f"has 16 bits a channel and {format.name} only 8; use --format png or tiff")
    if mode not in format.modes and mode == "CMYK":
        raise PictureError(f"is CMYK, which {format.name} cannot hold; use --format tiff or jpg")
    if mode not in format.modes:
        if pixels[..., -1].min() < np.iinfo(pixels.dtype).max:
            raise PictureError(f"{format.name} has no transparency; use --format png")
        return Picture(pixels[..., :-1], mode.removesuffix("A"), picture.metadata, picture.notes)
    return picture


def _jpeg(metadata: Metadata, quality: int | None) -> dict[str, Any]:
    options = _held(metadata, "icc_profile", "xmp", "comment")
    options = {key: value for key, value in options.items() if len(value) <= ROOM.get(key, len(value))}
    options["exif"] = slim(metadata.get("exif", b""), SEGMENT)
    options["dpi"] = metadata.get("dpi", (0, 0))
    options["extra"] = app13(metadata.get("photoshop", b""))
    coding = metadata.get("jpeg", {})
    if quality is None and coding:
        return {**options, **coding}
    subsampling = {"subsampling": coding["subsampling"]} if "subsampling" in coding else {}
    return {**options, **subsampling, "quality": quality or QUALITY}


ROOM = {"xmp": SEGMENT - XMP_MARK, "comment": SEGMENT}


def _webp(metadata: Metadata, quality: int | None) -> dict[str, Any]:
    options = _held(metadata, "icc_profile", "exif", "xmp")
    if metadata.get("lossless") and quality is None:
        return {**options, "lossless": True, "exact": True, "quality": 20, "method": 0}
    return {**options, "quality": quality or QUALITY, "method": 1}


def _avif(metadata: Metadata, quality: int | None) -> dict[str, Any]:
    options = _held(metadata, "icc_profile", "exif", "xmp")
    with suppress(KeyError, ValueError):  # Pillow would take the orientation out by writing all of it anew
        options["exif"] = exif_bytes.upright(options["exif"], {ORIENTATION})
    return {**options, "quality": quality or AVIF_QUALITY, "speed": 9}


def _bmp(metadata: Metadata, quality: int | None) -> dict[str, Any]:
    return _held(metadata, "dpi")


def _held(metadata: Metadata, *keys: str) -> dict[str, Any]:
    return {key: metadata[key] for key in keys if key in metadata}


def _png(file: BinaryIO, picture: Picture, metadata: Metadata, scratch: Scratch) -> None:
    """Pixels by imagecodecs, and before them the metadata that Pillow gives a PNG of one pixel."""
    pixels = deep.png_file(picture.pixels, scratch)
    info = PngImagePlugin.PngInfo()
    for name, body in metadata.get("chunks", ()):
        info.add(name, body)
    for key, value in metadata.get("text", ()):
        info.add_text(key, value)
    if "xmp" in metadata:
        info.add_itxt("XML:com.adobe.xmp", metadata["xmp"])
    if "comment" in metadata:
        info.add_text("Comment", metadata["comment"].decode("utf-8", "replace"))
    small = io.BytesIO()
    Image.new(picture.mode, (1, 1)).save(small, "PNG", pnginfo=info, **_held(metadata, "icc_profile", "exif", "dpi"))
    told = small.getvalue()
    file.write(pixels[:PNG_START])
    file.write(told[PNG_START : told.rindex(b"IDAT") - 4])
    file.write(pixels[PNG_START:])


def _tiff(file: BinaryIO, picture: Picture, metadata: Metadata, scratch: Scratch) -> None:
    deep.write_tiff(file, picture.pixels, picture.mode, metadata)


ENCODERS: dict[str, Callable[[BinaryIO, Picture, Metadata, Scratch], None]] = {"PNG": _png, "TIFF": _tiff}
OPTIONS: dict[str, Callable[[Metadata, int | None], dict[str, Any]]] = {
    "JPEG": _jpeg,
    "WEBP": _webp,
    "AVIF": _avif,
    "BMP": _bmp,
}


def encoder_bytes(path: Path, mode: str, depth: int, pixels: int) -> int:
    """About how much memory writing a picture of so many pixels takes, besides the pixels themselves."""
    name = FORMATS.get(path.suffix.lower().lstrip("."), "")
    # PNG and TIFF are written from the array itself, into working arrays; Pillow copies it into a picture of its own.
    own = {"PNG": 0, "TIFF": 0, "JPEG": 0, "BMP": 0, "WEBP": 12, "AVIF": 16}.get(name, 0)
    copy = 0 if name in ("PNG", "TIFF") else 1 if mode == "L" else 4
    return pixels * (own + copy)


def lost_colour(metadata: Mapping[str, Any], mode: str, name: str) -> str:
    """Why a picture of that mode would have other colours in a file of the format `name`; empty where it would not."""
    profile = metadata.get("icc_profile", b"")
    chunks = dict(metadata.get("chunks", ()))
    if profile and name == "BMP":
        return "has a colour profile, which has no place in BMP; use --format png"
    if profile[16:20] == GREY_SPACE and (name, mode) in (("WEBP", "L"), ("WEBP", "LA"), ("AVIF", "LA")):
        return f"has a grey colour profile, and {name} would hold its grey as colour; use --format png"
    if not profile and name != "PNG" and not _like_srgb(chunks):
        told = " and ".join(sorted(chunk.decode() for chunk in chunks))
        return f"has colours of its own ({told}), which have no place in {name}; use --format png"
    return ""


def _like_srgb(chunks: Mapping[bytes, bytes]) -> bool:
    if b"cICP" in chunks or b"sRGB" in chunks:
        return b"cICP" not in chunks
    gamma, places = chunks.get(b"gAMA"), chunks.get(b"cHRM")
    numbers = (
        [int.from_bytes(places[start : start + 4], "big") for start in range(0, len(places), 4)] if places else SRGB
    )
    usual = gamma is None or abs(int.from_bytes(gamma, "big") - SRGB_GAMMA) <= NEAR
    return usual and len(numbers) == len(SRGB) and all(abs(a - b) <= NEAR for a, b in zip(numbers, SRGB, strict=True))
