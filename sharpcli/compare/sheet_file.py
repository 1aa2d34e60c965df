"""Where a sheet may be written: nothing is replaced but an earlier sheet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PIL import Image as PILImage

from sharpcli.errors import SharpError
from sharpcli.files.formats import format_called
from sharpcli.files.names import shown
from sharpcli.files.paths import exists, identity, is_file, is_folder

SOFTWARE = 0x0131
"""Exif's tag for the program that made an image."""
MARKED = {"PNG", "JPEG", "WEBP", "TIFF", "AVIF"}
"""Formats that hold Exif, and so the mark that tells a sheet."""


MAKER = "sharpcli compare"


def mark() -> bytes:
    """The Exif that tells a sheet from all other images."""
    exif = PILImage.Exif()
    exif[SOFTWARE] = MAKER
    return exif.tobytes()


def is_sheet(path: Path) -> bool:
    """Whether a file is a sheet of crops; False for whatever cannot be read."""
    try:
        with PILImage.open(path) as image:
            return str(image.getexif().get(SOFTWARE, "")).rstrip("\0") == MAKER
    except Exception:  # decoders raise nearly anything on damaged data, and what is damaged is no sheet
        return False


def check_target(path: Path, inputs: Iterable[Path]) -> None:
    """Raise SharpError unless a sheet can be written to `path` without the loss of any file but an earlier one."""
    format = format_called(path)
    if format is None or format.name not in MARKED:
        raise SharpError(f"the sheet {shown(path)} must end in .png, .jpg, .webp, .tiff or .avif")
    if is_folder(path):
        raise SharpError(f"the sheet {shown(path)} is a folder; name a file")
    if not exists(path):
        return
    if identity(path) in {identity(source) for source in inputs}:
        raise SharpError(f"the sheet {shown(path)} is an input and would be overwritten; choose another name")
    if not (is_file(path) and is_sheet(path)):
        raise SharpError(f"{shown(path)} already exists and was not written by compare; choose another name")
