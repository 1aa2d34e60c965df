"""Picture in, (resize,) enhancer, strength, picture out: the one path that all front ends use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from sharpcli.enhancer import Enhancer, call, prepare
from sharpcli.errors import SharpError
from sharpcli.pictures import FloatPixels, Picture, Pixels, luma
from sharpcli.registry import load_registry
from sharpcli.resample import resize
from sharpcli.tiling import tiled

# Which channels belong together as colour or as grey; what is in no group (alpha) passes by.
GROUPS: dict[str, tuple[slice, ...]] = {
    "L": (slice(0, 1),),
    "LA": (slice(0, 1),),
    "RGB": (slice(0, 3),),
    "RGBA": (slice(0, 3),),
    "CMYK": (slice(0, 3), slice(3, 4)),
}


def make_enhancer(name: str, settings: Mapping[str, str], upscale: float = 1) -> Enhancer:
    """The enhancer of that name with options from texts; raises SharpError naming what exists.

    An upscale by N picks the profile `xN` where the enhancer has one and none was asked for: the tool does the
    enlarging itself, so the damage is known exactly.
    """
    cls = load_registry().get(name)
    known = {declared.name: declared.choices for declared in cls.options()}
    exact = f"x{upscale:g}"
    if upscale != 1 and "profile" not in settings and exact in known.get("profile", ()):
        settings = {**settings, "profile": exact}
    return cls.create(settings)


def sharpen(
    picture: Picture, enhancer: Enhancer, *, upscale: float = 1, strength: float = 1.0, tile: int | None = None
) -> Picture:
    """The picture enlarged `upscale` times by bicubic interpolation, then enhanced, metadata and alpha kept.

    `strength` 0-1 blends from the (enlarged) input to the full effect. `tile` in pixels, the enhancer's own if not
    given, bounds the memory of enhancers that allow it and does not change the result. Raises SharpError.
    """
    if not 0 <= strength <= 1:
        raise SharpError(f"strength must be between 0 and 1, not {strength:g}")
    pixels = picture.pixels
    if upscale != 1:
        height, width = pixels.shape[:2]
        pixels = resize(pixels, (round(height * upscale), round(width * upscale)), picture.mode)
    if strength == 0:
        return Picture(pixels, picture.mode, picture.metadata)
    groups = GROUPS[picture.mode]
    side = tile or enhancer.tile
    # No channel passes by, so there is nothing to copy, which would show beside a quick network's time.
    if groups == (slice(0, pixels.shape[2]),):
        return Picture(_enhance_channels(pixels, enhancer, strength, side), picture.mode, picture.metadata)
    result = pixels.copy()
    for group in groups:
        # Ink is darkness: an enhancer that learned light has to see it inverted.
        ink = picture.mode == "CMYK"
        channels = 255 - pixels[..., group] if ink else pixels[..., group]
        sharp = _enhance_channels(channels, enhancer, strength, side)
        result[..., group] = 255 - sharp if ink else sharp
    return Picture(result, picture.mode, picture.metadata)


def _enhance_channels(channels: Pixels, enhancer: Enhancer, strength: float, tile: int) -> Pixels:
    """Enhance one grey (H x W x 1) or colour (H x W x 3) group by adding what the enhancer changed to it."""
    grey = channels.shape[2] == 1
    enhancer = prepare(enhancer, channels)
    unconverted = enhancer.colour == "any" or (enhancer.colour == "rgb" and not grey)
    if unconverted and enhancer.dtype != "float32" and strength == 1:
        return tiled(partial(call, enhancer), channels, enhancer.reach, enhancer.align, tile)
    before = np.divide(channels, 255, dtype=np.float32)
    if enhancer.colour == "luma":
        # Full-range YCbCr adds a change of luma to R, G and B alike, so chroma needs no conversion to stay untouched.
        seen = before if grey else luma(before)
        change = _run(seen, enhancer, tile) - seen
    elif enhancer.colour == "rgb" and grey:
        change = luma(_run(np.repeat(before, 3, axis=2), enhancer, tile)) - before
    else:
        change = _run(before, enhancer, tile) - before
    after = before + np.float32(strength) * change
    levels: Pixels = np.rint(after * 255).clip(0, 255).astype(np.uint8)
    return levels


def _run(seen: FloatPixels, enhancer: Enhancer, tile: int) -> FloatPixels:
    """Call the enhancer tile by tile in the dtype it wants; float32 in [0, 1] in and out."""
    exact = enhancer.dtype != "uint8"
    given = seen if exact else np.rint(seen * 255).astype(np.uint8)
    result = tiled(partial(call, enhancer), given, enhancer.reach, enhancer.align, tile)
    sharp: FloatPixels = result if exact else np.divide(result, 255, dtype=np.float32)
    return sharp
