"""TIFF files: tifffile tells what they hold, decodes what loses nothing, Pillow the rest, and writes them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import ExifTags
from PIL import Image as PILImage
from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import PREVIEWS, SEVERAL, UNUSUAL, Stored, copy_parts, lies_plainly
from sharpcli.image.codecs.pillow import DECODED_MODES, decoder_bytes, fill, header
from sharpcli.image.image import bands
from sharpcli.image.metadata import (
    OF_THE_FILE,
    PHOTOSHOP,
    RESOLUTION,
    XMP,
    Metadata,
    of_tiff,
    orientation_of,
    tiff_tags,
)
from sharpcli.image.scratch import Scratch

MOST_PREVIEWS = 100  # of a TIFF; a made-up file can have a million, each of which takes time

PLAIN = {1: None, 5: "lzw", 8: "zlib", 32773: "packbits", 32946: "zlib"}
"""TIFF's codes of the compressions that lose nothing, and tifffile's names to write them again."""
PLAIN_MODES = {(0, 1): "L", (0, 2): "LA", (1, 1): "L", (1, 2): "LA", (2, 3): "RGB", (2, 4): "RGBA", (5, 4): "CMYK"}
"""The mode of a photometric interpretation and number of samples."""
BUFFER = 1 << 24  # bytes of a compressed TIFF that are read ahead
MIN_IS_WHITE, PREMULTIPLIED = 0, 1
EXIF, GPS = int(ExifTags.IFD.Exif), int(ExifTags.IFD.GPSInfo)
FLOATS = (11, 12)
LITTLE_ENDIAN = b"II*\0\0\0\0\0"
Tag = tuple[int, int, int, Any, bool]
BLOCKS = {"xmp": XMP, "photoshop": PHOTOSHOP}


def tiff(file: BinaryIO) -> Stored:
    """The image of an open TIFF; raises ImageError or what Pillow and tifffile raise."""
    pages = list(_pages(file))
    if not pages:
        raise ImageError("is damaged or truncated (a TIFF without a page)")
    page, *others = pages
    notes = (PREVIEWS,) if others or 330 in page.tags else ()
    exif = tiff_tags(file)
    orientation = orientation_of(exif)
    if mode := mode_of(page):
        metadata = {**of_tiff(exif), "compression": PLAIN[page.compression]}
        depth = 16 if page.dtype == np.uint16 else 8
        copies = orientation > 1 or page.planarconfig == 2
        needs = tiff_bytes(page) + page.nbytes * copies
        filled = partial(fill_tiff, page)
        sides = page.imagewidth, page.imagelength
        return Stored("TIFF", *sides, mode, depth, needs, filled, orientation, metadata, notes)
    if _is_deep_but_packed(page):
        packed = getattr(page.compression, "name", f"method {page.compression}")
        raise ImageError(f"uses TIFF compression {packed}, which is not supported; save it with deflate or LZW")
    if np.max(page.bitspersample) > 8 or page.sampleformat not in (1, 4):
        raise ImageError(UNUSUAL)
    image = header("TIFF", file)
    if image.mode not in DECODED_MODES:
        raise ImageError(UNUSUAL)
    if page.extrasamples[:1] == (0,):
        notes = (*notes, "a channel of unspecified meaning was dropped")
    # Pillow turns a TIFF by itself.
    mode = DECODED_MODES[image.mode]
    needs = decoder_bytes(image, "TIFF", 0)
    return Stored("TIFF", *image.size, mode, 8, needs, partial(fill, [image], mode), 1, of_tiff(exif), notes)


def _is_deep_but_packed(page: tifffile.TiffPage) -> bool:
    """Whether nothing but its compression keeps a page of 16 bits a channel from being read."""
    if page.compression in PLAIN or page.bitspersample != 16 or page.sampleformat != 1:
        return False
    return (int(page.photometric), page.samplesperpixel) in PLAIN_MODES


def _pages(file: BinaryIO) -> Iterator[tifffile.TiffPage]:
    """The image of a TIFF and its previews; raises ImageError where there is another image."""
    places: set[int] = set()
    for page in tifffile.TiffFile(file).pages:
        if not isinstance(page, tifffile.TiffPage) or page.offset in places:
            raise ImageError("is damaged (its page list is circular)")
        if bool(places) != bool(page.subfiletype & 1) or len(places) > MOST_PREVIEWS:
            raise ImageError(SEVERAL)
        places.add(page.offset)
        yield page


def mode_of(page: tifffile.TiffPage) -> str | None:
    """The mode of a page that `fill_tiff` can read, else None."""
    plain = page.compression in PLAIN and page.dtype in (np.uint8, np.uint16) and page.sampleformat == 1
    whole = page.bitspersample == page.dtype.itemsize * 8 if page.dtype else False
    mode = PLAIN_MODES.get((int(page.photometric), page.samplesperpixel)) if plain and whole else None
    # A sample whose meaning the file does not tell is no transparency.
    return None if mode and mode[-1] == "A" and page.extrasamples[:1] not in ((1,), (2,)) else mode


def tiff_bytes(page: tifffile.TiffPage) -> int:
    """The memory that `fill_tiff` needs besides its array, its own copy of an image that has to be turned left out."""
    if page.is_contiguous:
        return 0
    largest = max(page.databytecounts, default=0)
    part = int(np.prod(page.chunks)) * page.dtype.itemsize if page.dtype else 0
    return min(sum(page.databytecounts), max(BUFFER, largest)) + 2 * part


def fill_tiff(page: tifffile.TiffPage, target: NDArray[Any], scratch: Scratch) -> None:
    """Decode one page into H x W x C of its depth and channels; raises ImageError or tifffile's errors."""
    end = page.parent.filehandle.size
    # A decompressor may miss the last bytes without noticing.
    if any(start + count > end for start, count in zip(page.dataoffsets, page.databytecounts, strict=True)):
        raise ImageError("is damaged or truncated (the file ends before its pixels do)")
    if not all(page.databytecounts):
        raise ImageError("is damaged or truncated (a part of the image is missing)")
    height, width, channels = target.shape
    planes = page.planarconfig == 2 and channels > 1
    if lies_plainly(target) and not planes:
        page.asarray(out=target.reshape(page.shape), buffersize=BUFFER)
    else:
        whole = scratch.zeros((channels, height, width) if planes else target.shape, target.dtype)
        page.asarray(out=whole.reshape(page.shape), buffersize=BUFFER)
        copy_parts(whole.transpose(1, 2, 0) if planes else whole, target, scratch)
    peak = np.iinfo(target.dtype).max
    for rows in bands(height, width):
        if page.photometric == MIN_IS_WHITE:
            target[rows, :, :1] ^= peak
        if page.extrasamples[:1] == (PREMULTIPLIED,):
            alpha = np.maximum(target[rows, :, -1:].astype(np.uint32), 1)
            target[rows, :, :-1] = np.minimum((target[rows, :, :-1] * np.uint32(peak) + alpha // 2) // alpha, peak)


def write_tiff(file: BinaryIO, pixels: NDArray[Any], mode: str, metadata: Metadata) -> None:
    """Write uint8 or uint16 H x W x C as a TIFF with all that `metadata` holds; raises OSError, ValueError."""
    exif = PILImage.Exif()
    exif.load(metadata.get("exif", b""))
    inner = {tag: ifd for tag in (EXIF, GPS) if (ifd := _inner(exif, tag))}
    tags = _tags(metadata.get("exif", b"")) + [(tag - 1, 4, 1, 0, True) for tag in inner]
    tags += [(tag, 1, len(metadata[key]), metadata[key], True) for key, tag in BLOCKS.items() if key in metadata]
    compression = metadata.get("compression", "zlib")
    tifffile.imwrite(
        file,
        pixels if pixels.shape[2] > 1 else pixels[..., 0],
        photometric={"R": "rgb", "C": "separated"}.get(mode[0], "minisblack"),
        planarconfig="contig" if pixels.shape[2] > 1 else None,
        extrasamples=["unassalpha"] if mode[-1] == "A" else None,
        compression=compression,
        predictor=compression in ("zlib", "lzw"),
        compressionargs={"level": 1} if compression == "zlib" else None,
        resolution=metadata.get("dpi"),
        resolutionunit="INCH" if "dpi" in metadata else None,
        iccprofile=metadata.get("icc_profile"),
        extratags=tags,
        metadata=None,
        software=False,
        byteorder="<",
    )
    if inner:
        _append(file, inner)


def _inner(exif: PILImage.Exif, tag: int) -> dict[int, Any]:
    ifd = dict(exif.get_ifd(tag))
    if ExifTags.IFD.Interop in ifd:
        ifd[ExifTags.IFD.Interop] = exif.get_ifd(ExifTags.IFD.Interop)
    return ifd


def _append(file: BinaryIO, inner: dict[int, dict[int, Any]]) -> None:
    """Write Exif's directories, by Pillow, behind the pixels, and the places where they begin into their tags.

    tifffile refuses to write those tags, so each comes as its neighbour, which then gets its number.
    """
    for tag, ifd in inner.items():
        place = file.seek(0, 2)
        place += file.write(bytes(place % 2))
        with_types = ImageFileDirectory_v2(LITTLE_ENDIAN, group=tag)
        for key, value in ifd.items():
            with_types[key] = value
        file.write(with_types.tobytes(place))
        file.flush()
        file.seek(0)
        with tifffile.TiffFile(file, mode="r+") as written:
            entry = written.pages.first.tags[tag - 1].overwrite(place).offset
        file.seek(entry)
        file.write(tag.to_bytes(2, "little"))
    file.seek(0, 2)


def _tags(exif: bytes) -> list[Tag]:
    """Exif's main directory as tifffile takes tags: number, type, count, value, once."""
    body = exif.removeprefix(b"Exif\0\0")
    if not body:
        return []
    directory = ImageFileDirectory_v2(body[:8])
    stream = io.BytesIO(body)
    stream.seek(directory.next)
    directory.load(stream)
    tags: list[Tag] = []
    for tag in sorted(set(directory) - {*OF_THE_FILE, *RESOLUTION, EXIF, GPS, EXIF - 1, GPS - 1}):
        value, kind = directory[tag], directory.tagtype[tag]
        if isinstance(value, str):
            text = value.encode("latin-1", "replace") + b"\0"  # as Pillow decodes it
            tags.append((tag, 2, len(text), text, True))
        elif isinstance(value, bytes):
            tags.append((tag, kind, len(value), value, True))
        else:
            values = value if isinstance(value, tuple) else (value,)
            pairs = [(v.numerator, v.denominator) if isinstance(v, IFDRational) else (v,) for v in values]
            flat = [float(number) if kind in FLOATS else int(number) for pair in pairs for number in pair]
            if flat:
                tags.append((tag, kind, len(values), flat if len(flat) > 1 else flat[0], True))
    return tags
