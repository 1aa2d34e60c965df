"""A real photograph of any size, to try things on: scikit-image's, which is free of rights."""

from __future__ import annotations

from PIL import Image as PILImage

from sharpcli.image.image import Image, from_pil


def photograph(size: tuple[int, int], mode: str = "RGB") -> Image:
    """An image of `size` (width, height), 8 bits a channel, `mode` RGB or L."""
    from skimage import data

    pil_image = PILImage.fromarray(data.astronaut()).convert(mode)  # type: ignore[no-untyped-call]
    return Image(from_pil(pil_image.resize(size, PILImage.Resampling.BICUBIC)), mode)
