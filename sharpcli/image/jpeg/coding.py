"""How a JPEG was compressed, in Pillow's words: the same tables again lose least."""

from __future__ import annotations

from typing import Any

from PIL import JpegImagePlugin

YCCK = 2  # Adobe's word for inks that were turned into luma and chroma
COARSEST = 255
"""The largest step of a table that baseline JPEG holds; libjpeg complains of more on the screen."""


def coding_of(image: JpegImagePlugin.JpegImageFile, turned: bool) -> dict[str, Any]:
    """Tables, chroma subsampling and order of an image's file, as they are when it is upright; empty if lossless."""
    tables = [image.quantization[layer[3]] for layer in image.layer if layer[3] in image.quantization]
    if not tables:
        return {}
    if len(image.layer) == 4 and image.info.get("adobe_transform") == YCCK:
        tables = tables[:1]  # Pillow writes the inks themselves, of which none bears the coarser table of a chroma
    while len(tables) > 1 and tables[-1] == tables[-2]:
        del tables[-1]
    tables = [[min(max(step, 1), COARSEST) for step in table] for table in tables]
    sampling: int = JpegImagePlugin.get_sampling(image)
    if turned:
        # What was along the rows now is along the columns; 4:2:2 then is 4:4:0, which Pillow cannot write.
        tables = [[table[8 * (place % 8) + place // 8] for place in range(64)] for table in tables]
        sampling = {1: -1}.get(sampling, sampling)
    coding: dict[str, Any] = {"progressive": bool(image.info.get("progressive")), "qtables": tables}
    if len(image.layer) == 3:
        coding["subsampling"] = max(sampling, 0)  # full colour where Pillow cannot write it as it was
    return coding
