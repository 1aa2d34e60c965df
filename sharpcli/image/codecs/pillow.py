"""Files that Pillow reads: header first, and the pixels of 8 bits later."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    ImageFile,
    JpegImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL import (
    Image as PILImage,
)

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import UNUSUAL, SeveralError, Stored
from sharpcli.image.image import PIXELS_PER_COPY, blocks
from sharpcli.image.metadata import Metadata, of_pil, orientation_of
from sharpcli.image.scratch import Scratch

# Not through Image.open: its limit of pixels is one number for all, while a batch knows what its memory can hold.
OPEN: dict[str, Callable[[IO[bytes], str], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}
DECODED_MODES = {"1": "L", "L": "L", "LA": "LA", "P": "RGB", "PA": "RGBA", "RGB": "RGB", "RGBA": "RGBA", "CMYK": "CMYK"}


def header(name: str, file: IO[bytes]) -> ImageFile.ImageFile:
    """Pillow's image of a file of that format, its pixels not yet decoded; raises ImageError."""
    file.seek(0)
    try:
        return OPEN[name](file, "")
    except (SyntaxError, NotImplementedError) as error:
        # Pillow wraps what it stumbled over in a SyntaxError, in words for programmers.
        reason = f" ({error})" if isinstance(error, NotImplementedError) else ""
        raise ImageError(f"is damaged, truncated or an unusual kind of {name}{reason}") from error


def by_pillow(image: ImageFile.ImageFile, name: str, file: BinaryIO) -> Stored:
    """An image whose pixels Pillow decodes; raises ImageError."""
    refuse_several(image)
    mode = DECODED_MODES.get(image.mode)
    if mode is None:
        raise ImageError(UNUSUAL)
    orientation, metadata, notes = orientation_and_metadata(image)
    needs = decoder_bytes(image, name, os.fstat(file.fileno()).st_size)
    return Stored(name, *image.size, mode, 8, needs, partial(fill, [image], mode), orientation, metadata, notes)


def orientation_and_metadata(image: PILImage.Image) -> tuple[int, Metadata, tuple[str, ...]]:
    """Orientation, metadata, and a note where Exif is so broken that the image has to do without it."""
    try:
        exif = PILImage.Image.getexif(image)
        if exif or not image.info.get("exif"):
            return orientation_of(exif), of_pil(image, exif), ()
    except Exception:  # Pillow raises nearly anything on it, and the pixels are as good as ever
        exif = PILImage.Exif()
    return 1, of_pil(image, exif), ("its damaged Exif data was dropped",)


def refuse_several(image: ImageFile.ImageFile) -> None:
    """Refuse what would lose images; raises SeveralError."""
    if getattr(image, "n_frames", 1) > 1:
        raise SeveralError


def fill(held: list[ImageFile.ImageFile], mode: str, target: NDArray[Any], scratch: Scratch) -> None:
    """Decode the image that is held into an array of stored H x W x C, once."""
    image = held.pop()  # once, so that Pillow's own copy of the pixels goes when it has been copied
    image.load()
    for rows, columns in blocks(target):
        box = columns.start, rows.start, columns.stop, rows.stop
        part = image if box == (0, 0, *image.size) else image.crop(box)
        place = target[rows, columns]
        place[...] = np.asarray(part if part.mode == mode else part.convert(mode)).reshape(place.shape)
        scratch.sweep()


def decoder_bytes(image: ImageFile.ImageFile, name: str, size: int) -> int:
    """Pillow's own image, and what the library below it holds at the same time."""
    pixels = image.width * image.height
    needs = pixels * (1 if image.mode in ("1", "L", "P") else 4) + 16 * min(PIXELS_PER_COPY, pixels)
    if name == "WEBP":  # two canvases and a copy of one, besides the file
        needs += 12 * pixels + 2 * size
    return needs
