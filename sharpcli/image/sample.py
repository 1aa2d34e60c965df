"""A real photograph of any size, to try things on: scikit-image's, which is free of rights."""

from __future__ import annotations

from PIL import Image

from sharpcli.image.image import Picture, from_image


def photograph(size: tuple[int, int], mode: str = "RGB") -> Picture:
    """A picture of `size` (width, height), 8 bits a channel, `mode` RGB or L."""
    from skimage import data

    image = Image.fromarray(data.astronaut()).convert(mode)  # type: ignore[no-untyped-call]
    return Picture(from_image(image.resize(size, Image.Resampling.BICUBIC)), mode)
