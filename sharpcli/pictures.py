"""Pictures: decoded pixels plus all that must survive, and the files they come from."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, JpegImagePlugin, UnidentifiedImageError

from sharpcli.errors import PictureError

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
FloatPixels = NDArray[np.float32]

FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP", "tif": "TIFF", "tiff": "TIFF", "bmp": "BMP"}
"""File name endings that can be written, and Pillow's name of their format."""

READABLE = {*FORMATS.values(), "MPO", "GIF", "PPM"}
MODES = {"1": "L", "L": "L", "LA": "LA", "P": "RGB", "PA": "RGBA", "RGB": "RGB", "RGBA": "RGBA", "CMYK": "CMYK"}
TRANSPARENT = {"L": "LA", "RGB": "RGBA"}
ORIENTATION = 274
# How a TIFF's pixels lie in its file: true of the file that was read, not of the one that is written.
TIFF_LAYOUT = (256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 338, 339, 347, 530, 532)
DEFAULT_QUALITY = 95
BT601 = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Weights of R, G, B in full-range luma (ITU-R BT.601, as in JPEG)."""


@dataclass(frozen=True)
class Picture:
    """A decoded picture: `pixels` uint8, H x W x C, upright; `mode` is L, LA, RGB, RGBA or CMYK."""

    pixels: Pixels
    mode: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


def luma(rgb: FloatPixels) -> FloatPixels:
    """Full-range BT.601 luma of float32 RGB: H x W x 3 to H x W x 1, same units."""
    return (rgb @ BT601)[..., None]


def to_image(pixels: Pixels, mode: str) -> Image.Image:
    """The Pillow image of uint8 pixels, H x W x C."""
    height, width = pixels.shape[:2]
    return Image.frombytes(mode, (width, height), np.ascontiguousarray(pixels).tobytes())


def from_image(image: Image.Image) -> Pixels:
    """The uint8 pixels of a Pillow image, always H x W x C."""
    pixels = np.array(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def padded(pixels: NDArray[Any], multiple: int) -> NDArray[Any]:
    """H x W x C with the last row and column repeated until both sides are multiples; itself where they are."""
    height, width = pixels.shape[:2]
    if height % multiple == width % multiple == 0:
        return pixels
    return np.pad(pixels, ((0, -height % multiple), (0, -width % multiple), (0, 0)), mode="edge")


def read_picture(path: Path) -> Picture:
    """Decode one file, its orientation applied; raises PictureError when it cannot be read whole."""
    try:
        with Image.open(path) as image:
            _refuse_unsupported(image)
            upright = ImageOps.exif_transpose(image)
            metadata = _metadata(image, upright.info)
            mode = MODES[upright.mode]
            if "transparency" in upright.info:
                mode = TRANSPARENT.get(mode, mode)
            return Picture(from_image(upright.convert(mode)), mode, metadata)
    except PictureError:
        raise
    except FileNotFoundError as error:
        raise PictureError("no such file") from error
    except UnidentifiedImageError as error:
        raise PictureError("is empty" if path.stat().st_size == 0 else "is not a picture this can read") from error
    except Image.DecompressionBombError as error:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise PictureError(f"claims more than the {limit} megapixels that are allowed") from error
    except Exception as error:  # decoders raise nearly anything on damaged data; the cause stays attached
        system = isinstance(error, OSError) and error.errno is not None
        what = "cannot be read" if system else "is damaged or truncated"
        raise PictureError(f"{what} ({' '.join(str(error).split())})") from error


def _refuse_unsupported(image: Image.Image) -> None:
    if image.format not in READABLE:
        raise PictureError(f"{image.format} is not supported; use PNG, JPEG, WebP, TIFF or BMP")
    # An MPO is a phone's JPEG with previews behind the photo; anything else with frames would lose them.
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise PictureError("has several frames or pages; save each as a file of its own")
    # Pillow reads 16-bit RGB as 8-bit without a word; only the decoder's raw mode tells.
    if image.mode not in MODES or _decodes_16_bits(image):
        raise PictureError("has more than 8 bits a channel or an unusual colour space; save it as 8-bit RGB or grey")


def _decodes_16_bits(image: Image.Image) -> bool:
    return isinstance(image, ImageFile.ImageFile) and any("16" in str(tile[3]) for tile in image.tile)


def _metadata(image: Image.Image, info: Mapping[Any, Any]) -> dict[str, Any]:
    """What to keep of `image`; `info` is that of the upright copy, whose XMP has lost its orientation too."""
    kept = {key: info[key] for key in ("icc_profile", "dpi", "xmp") if info.get(key)}
    exif = image.getexif()
    for tag in (ORIENTATION, *TIFF_LAYOUT):
        exif.pop(tag, None)
    if exif:
        kept["exif"] = exif.tobytes()
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        kept["subsampling"] = JpegImagePlugin.get_sampling(image)
    return kept


def write_picture(picture: Picture, path: Path, quality: int = DEFAULT_QUALITY) -> None:
    """Encode by the ending of `path`; the file appears whole or not at all. Raises PictureError."""
    name = FORMATS.get(path.suffix.lower().lstrip("."))
    if name is None:
        raise PictureError(f"{path.suffix or 'no ending'} cannot be written; use --format png, jpg, webp, tiff or bmp")
    if picture.mode in ("LA", "RGBA") and name in ("JPEG", "BMP"):
        raise PictureError(f"{name} has no transparency; use --format png")
    options = {key: picture.metadata[key] for key in ("icc_profile", "exif", "dpi", "xmp") if key in picture.metadata}
    if name in ("JPEG", "WEBP"):
        options["quality"] = quality
    if name == "JPEG":
        options["subsampling"] = picture.metadata.get("subsampling", -1)
    if name == "PNG":
        options["compress_level"] = 1  # a third of the default's time for files about a tenth larger
    if name == "TIFF":
        options["compression"] = "tiff_deflate"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".sharpcli-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            to_image(picture.pixels, picture.mode).save(file, format=name, **options)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except (OSError, ValueError) as error:
        raise PictureError(f"cannot be written to {path} ({error})") from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
