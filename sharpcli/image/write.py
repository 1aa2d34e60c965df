"""Writing images to files, with all that the file's format can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sharpcli.errors import ImageError
from sharpcli.files.atomic import whole_file
from sharpcli.files.formats import FORMATS, TABLE, Format
from sharpcli.image.codecs.pillow_writer import write_by_pillow
from sharpcli.image.codecs.png import write_png
from sharpcli.image.codecs.tiff import write_tiff
from sharpcli.image.image import Image
from sharpcli.image.inventory.part import missing
from sharpcli.image.inventory.take import inventory
from sharpcli.image.metadata import only, sized
from sharpcli.image.scratch import IN_MEMORY, Scratch

SRGB = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
"""White, red, green and blue of sRGB as a PNG's cHRM tells them, in 1/100000."""
SRGB_GAMMA, NEAR = 45455, 100  # likewise
GREY_SPACE = b"GRAY"  # in an ICC profile's header


def write_image(
    image: Image, path: Path, quality: int | None = None, strip: bool = False, scratch: Scratch = IN_MEMORY
) -> tuple[str, ...]:
    """Encode by the ending of `path`; the file appears whole or not at all. Raises ImageError.

    `quality` is 1-100 for JPEG, WebP and AVIF; without it a JPEG keeps the compression it had, a lossless WebP stays
    lossless, and others get 95 (AVIF 90). `strip` leaves out Exif, XMP, texts, IPTC and the print size, but no colour
    profile: without it the colours would change. Working arrays come from `scratch`. Returns notes of what the image's
    file held and this one does not, beyond what `strip` asks for.
    """
    ending = path.suffix.lower().lstrip(".")
    if ending not in FORMATS:
        raise ImageError(
            f"unsupported output format {path.suffix or '(no extension)'}; "
            "use --format png, jpg, webp, tiff, bmp or avif"
        )
    format = TABLE[FORMATS[ending]]
    if reason := lost_color(image.metadata, image.mode, format.name):
        raise ImageError(reason)
    image = _fitted(image, format)
    metadata = only(image.metadata, strip=strip)
    if "exif" in metadata:
        height, width = image.pixels.shape[:2]
        metadata["exif"] = sized(metadata["exif"], width, height)
    try:
        with whole_file(path) as file:
            if format.name == "PNG":
                write_png(file, image, metadata, scratch)
            elif format.name == "TIFF":
                write_tiff(file, image.pixels, image.mode, metadata)
            else:
                write_by_pillow(file, image, format.name, metadata, quality)
            return missing(image.parts, inventory(file, format.name), strip=strip) if image.parts else ()
    except (OSError, ValueError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ImageError(f"cannot be written to {path} ({' '.join(reason.split())})") from error


def _fitted(image: Image, format: Format) -> Image:
    """The image as the format holds it; raises ImageError where something that is seen would be lost."""
    mode, pixels = image.mode, image.pixels
    if pixels.dtype == np.uint16 and not format.deep:
        raise ImageError(f"has 16 bits per channel, and {format.name} supports only 8; use --format png or tiff")
    if mode not in format.modes and mode == "CMYK":
        raise ImageError(f"is CMYK, which {format.name} does not support; use --format tiff or jpg")
    if mode not in format.modes:
        if pixels[..., -1].min() < np.iinfo(pixels.dtype).max:
            raise ImageError(f"has transparency, which {format.name} does not support; use --format png")
        return replace(image, pixels=pixels[..., :-1], mode=mode.removesuffix("A"))
    return image


def encoder_bytes(path: Path, mode: str, depth: int, pixels: int) -> int:
    """About how much memory writing an image of so many pixels takes, besides the pixels themselves."""
    name = FORMATS.get(path.suffix.lower().lstrip("."), "")
    # PNG and TIFF are written from the array itself, into working arrays; Pillow copies it into an image of its own.
    own = {"PNG": 0, "TIFF": 0, "JPEG": 0, "BMP": 0, "WEBP": 12, "AVIF": 16}.get(name, 0)
    copy = 0 if name in ("PNG", "TIFF") else 1 if mode == "L" else 4
    return pixels * (own + copy)


def lost_color(metadata: Mapping[str, Any], mode: str, name: str) -> str:
    """Why an image of that mode would have other colours in a file of the format `name`; empty where it would not."""
    profile = metadata.get("icc_profile", b"")
    chunks = dict(metadata.get("chunks", ()))
    if profile and name == "BMP":
        return "has a colour profile, which BMP does not support; use --format png"
    if profile[16:20] == GREY_SPACE and (name, mode) in (("WEBP", "L"), ("WEBP", "LA"), ("AVIF", "LA")):
        return f"has a grey colour profile, which {name} does not support; use --format png"
    if not profile and name != "PNG" and not _like_srgb(chunks):
        names = " and ".join(sorted(chunk.decode() for chunk in chunks))
        return f"has colour information ({names}) that {name} does not support; use --format png"
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
