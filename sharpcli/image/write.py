"""Writing images to files, with all that the file's format can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from sharpcli.errors import ImageError
from sharpcli.files.atomic import whole_file
from sharpcli.files.clips import called_a_clip
from sharpcli.files.formats import READ_ONLY, TABLE, Format, ending_of, format_called
from sharpcli.image.codecs.bmp import write_bmp
from sharpcli.image.codecs.gif.writer import write_gif
from sharpcli.image.codecs.heif.avif import write_avif
from sharpcli.image.codecs.jpeg_writer import write_jpeg
from sharpcli.image.codecs.png.writer import write_png
from sharpcli.image.codecs.tiff.writer import write_tiff
from sharpcli.image.codecs.webp import write_webp
from sharpcli.image.image import Image
from sharpcli.image.inventory.part import Part, missing
from sharpcli.image.inventory.take import inventory
from sharpcli.image.jpeg.carry import elsewhere
from sharpcli.image.metadata import Metadata, only, sized
from sharpcli.image.scratch import IN_MEMORY, Scratch
from sharpcli.image.tags.iptc import as_resource
from sharpcli.image.tags.xmp import resized

SRGB = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
"""White, red, green and blue of sRGB as a PNG's cHRM tells them, in 1/100000."""
SRGB_GAMMA, NEAR = 45455, 100  # likewise
GREY_SPACE = b"GRAY"  # in an ICC profile's header


Writer = Callable[[BinaryIO, Image, Metadata, int | None, Scratch], tuple[str, ...] | None]
WRITERS: dict[str, Writer] = {
    "PNG": lambda file, image, metadata, quality, scratch: write_png(file, image, metadata, scratch),
    "JPEG": lambda file, image, metadata, quality, scratch: write_jpeg(file, image, metadata, quality),
    "WEBP": lambda file, image, metadata, quality, scratch: write_webp(file, image, metadata, quality),
    "TIFF": lambda file, image, metadata, quality, scratch: write_tiff(file, image.pixels, image.mode, metadata),
    "BMP": lambda file, image, metadata, quality, scratch: write_bmp(file, image, metadata),
    "AVIF": lambda file, image, metadata, quality, scratch: write_avif(file, image, metadata, quality),
    "GIF": lambda file, image, metadata, quality, scratch: write_gif(file, image.pixels, metadata),
}


def write_image(
    image: Image,
    path: Path,
    quality: int | None = None,
    strip: bool = False,
    scratch: Scratch = IN_MEMORY,
    otherwise: str = "",
) -> tuple[str, ...]:
    """Encode by the ending of `path`; the file appears whole or not at all. Raises ImageError.

    Where the ending stands for no format, the file is of the format `otherwise` (Pillow's name), if that is given.

    `quality` is 1-100 for JPEG, WebP and AVIF; without it a JPEG keeps the compression it had, a lossless WebP stays
    lossless, and others get 95 (AVIF 90). `strip` leaves out Exif, XMP, texts, IPTC and the print size, but no colour
    profile: without it the colours would change. Working arrays come from `scratch`. Returns notes of what the image's
    file held and this one does not, beyond what `strip` asks for.
    """
    format = written_as(path, otherwise)
    metadata, parts = said(image, format, strip)
    image = fitted(image, format)
    with in_words(path), whole_file(path) as file:
        notes = WRITERS[format.name](file, image, metadata, quality, scratch) or ()
        return (*notes, *(missing(parts, inventory(file, format.name), strip=strip) if parts else ()))


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Failures to encode and to write a file as an ImageError."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ImageError(f"cannot be written to {path} ({' '.join(reason.split())})") from error


def said(image: Image, format: Format, strip: bool) -> tuple[Metadata, tuple[Part, ...]]:
    """What a file of the format is to say besides the pixels, and the parts that it has to have then.

    Raises ImageError where the colours would not be what they are without something that the format cannot say.
    """
    if reason := lost_color(image.metadata, image.mode, format.name):
        raise ImageError(reason)
    metadata = only(image.metadata, strip=strip)
    height, width = image.pixels.shape[:2]
    for key, fit in {"exif": sized, "xmp": resized}.items():
        if key in metadata:
            metadata[key] = fit(metadata[key], width, height)
    if format.name == "JPEG":
        return as_resource(metadata), image.parts
    metadata = elsewhere(metadata)
    if "extended_xmp" in metadata:
        return metadata, image.parts
    return metadata, tuple(one for one in image.parts if one.kind != "extended XMP")  # it is part of the XMP now


def written_as(path: Path, otherwise: str = "") -> Format:
    """The format of a file to write, see `write_image`; raises ImageError where there is none."""
    if name := READ_ONLY.get(ending_of(path)):
        raise ImageError(f"would be written as {name}, which is only read; choose a format, such as --format jpg")
    if called_a_clip(path):
        raise ImageError(f"is an image, which a {path.suffix} cannot hold; use an image format, such as --format png")
    if (format := format_called(path) or TABLE.get(otherwise)) is None:
        raise ImageError(
            f"unsupported output format {path.suffix or '(no extension)'}; "
            "use --format png, jpg, webp, tiff, bmp or avif"
        )
    return format


def fitted(image: Image, format: Format) -> Image:
    """The image as the format holds it; raises ImageError where something that is seen would be lost."""
    mode, pixels = image.mode, image.pixels
    if (longest := max(pixels.shape[:2])) > format.side:
        instead = f"{format.name} supports at most {format.side}; use --format png or tiff"
        raise ImageError(f"is {longest} pixels on a side, and {instead}")
    if pixels.dtype == np.uint16 and format.name == "AVIF" and "bits" not in image.metadata:
        raise ImageError("has 16 bits per channel, and AVIF supports at most 12; use --format png or tiff")
    if pixels.dtype == np.uint16 and not format.deep:
        raise ImageError(f"has 16 bits per channel, and {format.name} supports only 8; use --format png or tiff")
    if mode not in format.modes and mode == "CMYK":
        raise ImageError(f"is CMYK, which {format.name} does not support; use --format tiff or jpg")
    if mode not in format.modes:
        if pixels[..., -1].min() < np.iinfo(pixels.dtype).max:
            raise ImageError(f"has transparency, which {format.name} does not support; use --format png")
        return replace(image, pixels=pixels[..., :-1], mode=mode.removesuffix("A"))
    return image


def encoder_bytes(name: str, mode: str, depth: int, pixels: int) -> int:
    """About how much memory writing so many pixels in a format takes, besides the pixels themselves."""
    # PNG and TIFF are written from the array itself, into working arrays; Pillow copies it into an image of its own.
    own = {"PNG": 0, "TIFF": 0, "JPEG": 0, "BMP": 0, "WEBP": 12, "AVIF": 16}.get(name, 0)
    copy = 0 if name in ("PNG", "TIFF") else 1 if mode == "L" else 4
    return pixels * (own + copy)


def lost_color(metadata: Mapping[str, Any], mode: str, name: str) -> str:
    """Why an image of that mode would have other colours in a file of the format `name`; empty where it would not."""
    profile = metadata.get("icc_profile", b"")
    chunks = dict(metadata.get("chunks", ()))
    if profile[16:20] == GREY_SPACE and (name, mode) in (("WEBP", "L"), ("WEBP", "LA")):
        return f"has a grey colour profile, which {name} does not support; use --format png"
    if name == "AVIF" and b"cICP" in chunks:  # which has the same words for it
        return ""
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
