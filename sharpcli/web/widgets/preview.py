"""What a browser can show of a picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sharpcli.image.image import Picture, from_image, in_8_bits, to_image
from sharpcli.image.write import write_picture


def write_preview(picture: Picture, path: Path) -> Path:
    """Write a PNG of every pixel, in 8 bits and with its colour profile; its path."""
    pixels, mode = in_8_bits(picture.pixels), picture.mode
    metadata = dict(picture.metadata)
    if mode == "CMYK":
        pixels, mode = from_image(to_image(pixels, mode).convert("RGB")), "RGB"
        metadata.pop("icc_profile", None)  # it speaks of inks
    write_picture(replace(picture, pixels=pixels, mode=mode, metadata=metadata), path, strip=True)
    return path
