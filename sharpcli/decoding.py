"""What each kind of file needs to be read: its header through Pillow, its pixels through whoever keeps them whole."""

from __future__ import annotations

import ctypes
import logging
import os
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    _imaging,
)

from sharpcli import deep
from sharpcli.errors import PictureError
from sharpcli.formats import NAMED, TABLE
from sharpcli.metadata import Metadata, of_image, of_tiff, orientation_of, tiff_tags
from sharpcli.pictures import BAND, bands, from_image
from sharpcli.scratch import Scratch
from sharpcli.stored import PREVIEWS, SEVERAL, UNUSUAL, Stored

# Whatever a decoder warns of is either refused by us in words or of no consequence; nobody is to read it on the screen.
for module in ("PIL", "tifffile", "imagecodecs"):
    warnings.filterwarnings("ignore", module=rf"{module}\b")
    logging.getLogger(module).addHandler(logging.NullHandler())
# The library that Pillow reads TIFFs with writes to the screen itself, unless it is told not to, where it can be found.
with suppress(AttributeError, OSError):
    ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)

# Not through Image.open: its limit of pixels is one number for all, while a batch knows what its memory can hold.
OPEN: dict[str, Callable[[BinaryIO, str], ImageFile.ImageFile]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.jpeg_factory,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}
MODES = {"1": "L", "L": "L", "LA": "LA", "P": "RGB", "PA": "RGBA", "RGB": "RGB", "RGBA": "RGBA", "CMYK": "CMYK"}
TRANSPARENT = {"L": "LA", "RGB": "RGBA"}
CHANNELS = {0: "L", 2: "RGB", 4: "LA", 6: "RGBA"}  # a PNG's colour types
KEPT_CHUNKS = (b"gAMA", b"cHRM", b"sRGB", b"cICP")
UNDERSTOOD = (b"IHDR", b"iCCP", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"tEXt", b"zTXt", b"iTXt", b"eXIf")
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
RAW_PROFILE = "Raw profile"
MOST_PREVIEWS = 100  # of a TIFF; a made-up file can have a million, each of which takes time
PREVIEW = "Large Thumbnail", "Undefined"  # what an MPO may hold besides its photo


def stored(file: BinaryIO) -> Stored:
    """The picture of an open file, by its first bytes; raises PictureError or what Pillow and tifffile raise."""
    prefix = file.read(16)
    if not prefix:
        raise PictureError("is empty")
    name = next((name for name in TABLE if (accept := Image.OPEN[name][1]) and accept(prefix) is True), None)
    file.seek(0)
    if name == "PNG":
        return _png(file)
    if name == "TIFF":
        return _tiff(file)
    if name is None:
        raise PictureError(_what(prefix))
    return _by_pillow(_header(name, file), name, file)


def _header(name: str, file: BinaryIO) -> ImageFile.ImageFile:
    file.seek(0)
    try:
        return OPEN[name](file, "")
    except (SyntaxError, NotImplementedError) as error:
        raise PictureError(f"is damaged, truncated or an unusual kind of {name} ({error})") from error


def _what(prefix: bytes) -> str:
    Image.init()
    known = (name for name, (_, accept) in Image.OPEN.items() if accept and accept(prefix) is True)
    return f"{name} is not supported; use {NAMED}" if (name := next(known, None)) else "is not a picture this can read"


def _by_pillow(image: ImageFile.ImageFile, name: str, file: BinaryIO) -> Stored:
    notes = _notes(image)
    mode = MODES.get(image.mode)
    if mode is None or (name == "AVIF" and _avif_is_deep(file)):
        raise PictureError(UNUSUAL)
    if "transparency" in image.info:
        mode = TRANSPARENT.get(mode, mode)
    orientation, metadata, damage = _told(image)
    notes += damage
    if name == "WEBP":
        metadata["lossless"] = _webp_is_lossless(file)
    needs = _decoder_bytes(image, name, os.fstat(file.fileno()).st_size)
    return Stored(name, *image.size, mode, 8, needs, partial(_fill, [image], mode), orientation, metadata, notes)


def _told(image: ImageFile.ImageFile) -> tuple[int, Metadata, tuple[str, ...]]:
    """Orientation, metadata, and a note where Exif is so broken that the picture has to do without it."""
    try:
        exif = Image.Image.getexif(image)
        if exif or not image.info.get("exif"):
            return orientation_of(exif), of_image(image, exif), ()
    except Exception:  # Pillow raises nearly anything on it, and the pixels are as good as ever
        exif = Image.Exif()
    return 1, of_image(image, exif), ("its damaged Exif data was left out",)


def _notes(image: ImageFile.ImageFile) -> tuple[str, ...]:
    """Refuse what would lose pictures; a phone's JPEG may hold previews of one."""
    if getattr(image, "n_frames", 1) > 1:
        if not isinstance(image, MpoImagePlugin.MpoImageFile):
            raise PictureError(SEVERAL)
        kinds = [entry["Attribute"]["MPType"] for entry in image.mpinfo[0xB002][1:]]  # type: ignore[index]
        if not all(kind.startswith(PREVIEW) for kind in kinds):
            raise PictureError(SEVERAL)
    return (PREVIEWS,) if "mp" in image.info else ()


def _fill(held: list[ImageFile.ImageFile], mode: str, target: NDArray[Any], scratch: Scratch) -> None:
    image = held.pop()  # once, so that Pillow's own copy of the pixels goes when it has been copied
    image.load()
    for rows in bands(image.height, image.width):
        band = image.crop((0, rows.start, image.width, rows.stop))
        target[rows] = from_image(band if band.mode == mode else band.convert(mode))


def _decoder_bytes(image: ImageFile.ImageFile, name: str, size: int) -> int:
    """Pillow's own picture, and what the library below it holds at the same time."""
    pixels = image.width * image.height
    needs = pixels * (1 if image.mode in ("1", "L", "P") else 4) + 16 * min(BAND, pixels)
    if isinstance(image, JpegImagePlugin.JpegImageFile) and image.info.get("progressive"):
        # All coefficients are kept, two bytes each, in the number of samples that the file has.
        largest = max(layer[1] * layer[2] for layer in image.layer)
        needs += 2 * pixels * sum(layer[1] * layer[2] for layer in image.layer) // largest
    if name == "WEBP":  # two canvases and a copy of one, besides the file
        needs += 12 * pixels + 2 * size
    if name == "AVIF":  # planes of luma, chroma and alpha, and the same as RGB
        needs += 8 * pixels + 2 * size
    return needs


def _avif_is_deep(file: BinaryIO) -> bool:
    """Whether an AVIF has 10 or 12 bits a channel, which Pillow rounds to 8 (AV1 in ISO BMFF, av1C's second byte)."""
    file.seek(0)
    head = file.read(1 << 16)
    place = head.find(b"av1C")
    return place >= 0 and any(flags & 0x40 for flags in head[place + 6 : place + 7])


def _webp_is_lossless(file: BinaryIO) -> bool:
    file.seek(12)
    while len(head := file.read(8)) == 8:
        if head[:4] in (b"VP8L", b"VP8 "):
            return head[:4] == b"VP8L"
        length = int.from_bytes(head[4:], "little")
        file.seek(length + length % 2, os.SEEK_CUR)
    return False


def _png(file: BinaryIO) -> Stored:
    image = _header("PNG", file)
    _notes(image)
    info, text, chunks = _chunks(file)
    depth, colour = chunks.pop(b"IHDR")[8:10]
    if colour == 0 and depth in (2, 4) and "transparency" in info:
        # Pillow spreads the levels over 0-255, but leaves the transparent one as it was.
        info["transparency"] *= 255 // (2**depth - 1)
    image.info = info
    if colour == 3 and image.palette is None:
        raise PictureError("is damaged or truncated (a PNG without its palette)")
    if depth == 16:
        mode = CHANNELS[colour]
        mode = TRANSPARENT.get(mode, mode) if "transparency" in info else mode
        orientation, metadata, notes = _told(image)
        # The file lies in memory as a whole, and a picture that has to be turned once more.
        needs = os.fstat(file.fileno()).st_size + (2 * len(mode) * image.width * image.height if orientation > 1 else 0)
        fill = partial(deep.fill_png, file)
        picture = Stored("PNG", *image.size, mode, 16, needs, fill, orientation, metadata, notes)
    else:
        picture = _by_pillow(image, "PNG", file)
    # Exif and XMP in disguise are kept as what they are.
    texts = tuple((key, value) for key, value in text.items() if not key.startswith((RAW_PROFILE, "XML:com.adobe")))
    extra = {"text": texts, "chunks": tuple(chunks.items())}
    picture.metadata.update({key: value for key, value in extra.items() if value})
    return picture


def _chunks(file: BinaryIO) -> tuple[dict[Any, Any], dict[str, Any], dict[bytes, bytes]]:
    """What a PNG's chunks say, those behind the pixels too, as Pillow reads them: its info, texts, and raw chunks."""
    raw: dict[bytes, bytes] = {}
    size = os.fstat(file.fileno()).st_size
    file.seek(8)
    with PngImagePlugin.PngStream(file) as stream:
        while True:
            try:
                name, place, length = stream.read()
            except (struct.error, SyntaxError) as error:
                raise PictureError("is damaged or truncated (a PNG without an end)") from error
            if place + length > size:  # before anything makes room for it
                raise PictureError("is damaged or truncated (a chunk of the PNG is longer than the file)")
            if name == b"IEND":
                return stream.im_info, stream.im_text, raw
            if name in (*KEPT_CHUNKS, b"IHDR"):
                raw[name] = file.read(length)
                file.seek(place)
            if name in UNDERSTOOD:
                said = dict(stream.im_info)
                stream.call(name, place, length)
            if name in TEXTS:  # whose key may be "dpi" or "exif", which Pillow then takes for the real one
                for key, value in stream.im_info.copy().items():
                    if isinstance(value, str) and not str(key).startswith(RAW_PROFILE):
                        del stream.im_info[key]
                stream.im_info.update(said)
            file.seek(place + length + 4)


def _pages(file: BinaryIO) -> Iterator[tifffile.TiffPage]:
    """The picture of a TIFF and its previews; raises PictureError where there is another picture."""
    places: set[int] = set()
    for page in tifffile.TiffFile(file).pages:
        if not isinstance(page, tifffile.TiffPage) or page.offset in places:
            raise PictureError("is damaged or truncated (its pages follow each other in a circle)")
        if bool(places) != bool(page.subfiletype & 1) or len(places) > MOST_PREVIEWS:
            raise PictureError(SEVERAL)
        places.add(page.offset)
        yield page


def _tiff(file: BinaryIO) -> Stored:
    pages = list(_pages(file))
    if not pages:
        raise PictureError("is damaged or truncated (a TIFF without a page)")
    page, *others = pages
    notes = (PREVIEWS,) if others or 330 in page.tags else ()
    exif = tiff_tags(file)
    orientation = orientation_of(exif)
    if mode := deep.mode_of(page):
        metadata = {**of_tiff(exif), "compression": deep.PLAIN[page.compression]}
        depth = 16 if page.dtype == np.uint16 else 8
        copies = orientation > 1 or page.planarconfig == 2
        needs = deep.tiff_bytes(page) + page.nbytes * copies
        fill = partial(deep.fill_tiff, page)
        return Stored("TIFF", page.imagewidth, page.imagelength, mode, depth, needs, fill, orientation, metadata, notes)
    if np.max(page.bitspersample) > 8 or page.sampleformat not in (1, 4):
        raise PictureError(UNUSUAL)
    image = _header("TIFF", file)
    if image.mode not in MODES:
        raise PictureError(UNUSUAL)
    if page.extrasamples[:1] == (0,):
        notes = (*notes, "a channel of no stated meaning was left out")
    # Pillow turns a TIFF by itself.
    mode = MODES[image.mode]
    needs = _decoder_bytes(image, "TIFF", 0)
    return Stored("TIFF", *image.size, mode, 8, needs, partial(_fill, [image], mode), 1, of_tiff(exif), notes)
