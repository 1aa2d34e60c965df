"""Reading JPEG files: Pillow tells what their heads say, libjpeg-turbo decodes them and is heard out."""

from __future__ import annotations

import os
from functools import partial
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import JpegImagePlugin

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import SEVERAL, Stored, copy_parts, lies_plainly
from sharpcli.image.codecs.pillow import header, orientation_and_metadata
from sharpcli.image.complaints import complain
from sharpcli.image.image import bands, luma
from sharpcli.image.jpeg.behind import IMAGE, pieces
from sharpcli.image.jpeg.carry import carried, described
from sharpcli.image.jpeg.coding import coding_of
from sharpcli.image.jpeg.scans import ARITHMETIC, check_frame, check_scans
from sharpcli.image.jpeg.segments import Layout, layout
from sharpcli.image.scratch import Scratch

COLORS = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
"""What simplejpeg calls the modes."""
UNHEARD, UNCHECKED = "subsampling", "its unusual chroma subsampling is decoded without a check for damage"
"""In simplejpeg's words where the chroma lies in a way that it does not decode, and in ours."""
EXTRA = "extraneous"
"""In libjpeg's words where there is too much between two marks, rather than too little."""
END = b"\xff\xd9"
GREY = 128  # what libjpeg puts where no pixels are


def jpeg(file: BinaryIO) -> Stored:
    """The image of an open JPEG; raises ImageError."""
    file.seek(0)
    data = file.read()
    found = layout(data)
    check_frame(found)
    image = header("JPEG", file)
    assert isinstance(image, JpegImagePlugin.JpegImageFile)
    for key in ("exif", "xmp", "icc_profile"):
        image.info.pop(key, None)
    if image.info.get("jfif_unit") not in (1, 2):  # Pillow made it up or took it from Exif, as is done for all formats
        image.info.pop("dpi", None)
    image.info.update(described(found))
    orientation, metadata, notes = orientation_and_metadata(image)
    if any(piece.kind == IMAGE for piece in pieces(data, found)):
        raise ImageError(SEVERAL)
    if coding := coding_of(image, turned=orientation > 4):
        metadata["jpeg"] = coding
    metadata.update(carried(data, found, image.size, orientation == 1))
    if image.info.get("jfif_unit") == 0 and (aspect := image.info["jfif_density"]) != (1, 1) and all(aspect):
        metadata["aspect"] = aspect[::-1] if orientation > 4 else aspect
    filled = partial(fill_jpeg, file, image.mode)
    pixels, coefficients = image.width * image.height, _coefficients(image)
    # The file, and a copy of an image that has to be turned.
    needs = 2 * len(data) + (pixels * image.layers if orientation > 1 else 0) + coefficients
    return Stored(
        "JPEG", *image.size, image.mode, 8, needs, filled, orientation, metadata, notes, coefficients=coefficients
    )


def _coefficients(image: JpegImagePlugin.JpegImageFile) -> int:
    """The bytes that the coefficients of a JPEG of several scans take: two each, as many as the file has samples."""
    if not image.info.get("progressive"):
        return 0
    largest = max(layer[1] * layer[2] for layer in image.layer)
    return 2 * image.width * image.height * sum(layer[1] * layer[2] for layer in image.layer) // largest


def fill_jpeg(file: BinaryIO, mode: str, target: NDArray[Any], scratch: Scratch) -> None:
    """Decode a whole JPEG file into H x W x C; raises ImageError where pixels are missing, else complains."""
    size = file.seek(0, os.SEEK_END)
    data: Any = scratch.empty((size + len(END),), np.uint8)
    file.seek(0)
    if file.readinto(data[:size]) != size:  # type: ignore[attr-defined]
        raise ImageError("changed while it was read")
    found = layout(memoryview(data[:size]))
    for warning in check_scans(found):
        complain(warning)
    data[size:] = np.frombuffer(END, np.uint8)
    image = data[: found.end] if found.ended else data
    whole = target if lies_plainly(target) else scratch.zeros(target.shape, target.dtype)
    _decode(image, mode, found, whole)
    if mode == "CMYK":
        for rows in bands(*whole.shape[:2]):
            np.invert(whole[rows], out=whole[rows])
    if whole is not target:
        copy_parts(whole, target, scratch)


def _decode(data: Any, mode: str, found: Layout, whole: NDArray[Any]) -> None:
    """Decode until something is wrong, and then, if all pixels are there, whatever libjpeg makes of the rest."""
    if not found.ended:
        if check_frame(found).mark in ARITHMETIC:  # whose decoder does not notice a missing end
            raise ImageError("is damaged or truncated (an arithmetic JPEG without its end)")
        complain("its end is missing, but all pixels are there")
    try:
        simplejpeg.decode_jpeg(data, COLORS[mode], buffer=whole)
    except ValueError as error:
        words = str(error)
        if UNHEARD in words:
            words = UNCHECKED
        elif not found.ended:
            raise ImageError(f"is damaged or truncated ({words})") from error
        complain(words)
        imagecodecs.jpeg8_decode(data, out=whole[..., 0] if whole.shape[2] == 1 else whole)
        if words != UNCHECKED and EXTRA not in words and _ends_grey(whole):
            raise ImageError(f"is damaged or truncated ({words}; its last pixels are missing)") from error


def _ends_grey(whole: NDArray[Any]) -> bool:
    """Whether the last block was never decoded, of which libjpeg leaves grey, its colours mixed with those above."""
    last = whole[-1, -(whole.shape[1] % 8 or 8) :].astype(np.float32)
    levels = luma(last) if last.shape[1] == 3 else last
    return bool((np.abs(levels - GREY) <= 1).all())
