"""Picture in, (resize,) enhancer, strength, picture out: the one path that all front ends use."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from sharpcli.enhancer import Enhancer, call, prepare
from sharpcli.errors import SharpError
from sharpcli.pictures import FloatPixels, Picture, Pixels, luma
from sharpcli.registry import load_registry
from sharpcli.resample import resize
from sharpcli.scratch import IN_MEMORY, Scratch
from sharpcli.tiling import tiled

# Which channels belong together as colour or as grey; what comes after them (alpha) passes by.
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


def described(enhancer: Enhancer) -> dict[str, Any]:
    """What makes an enhancer's results what they are: its name, its options, and the weights' SHA-256 by file name."""
    options = {declared.name: getattr(enhancer, declared.name) for declared in enhancer.options()}
    weights = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in enhancer.used()}
    return {"enhancer": enhancer.name, "options": options, "weights": weights}


def sharpen(
    picture: Picture,
    enhancer: Enhancer,
    *,
    upscale: float = 1,
    strength: float = 1.0,
    tile: int | None = None,
    scratch: Scratch = IN_MEMORY,
) -> Picture:
    """The picture enlarged `upscale` times by bicubic interpolation, then enhanced, metadata, depth and alpha kept.

    `strength` 0-1 blends from the (enlarged) input to the full effect. `tile` in pixels, the enhancer's own if not
    given, bounds the memory of enhancers that allow it and does not change the result; `scratch` says where the
    result lies meanwhile. Raises SharpError.
    """
    if not 0 <= strength <= 1:
        raise SharpError(f"strength must be between 0 and 1, not {strength:g}")
    pixels = picture.pixels
    if upscale != 1:
        height, width = pixels.shape[:2]
        pixels = resize(pixels, (round(height * upscale), round(width * upscale)), picture.mode, scratch=scratch)
    if strength == 0:
        return replace(picture, pixels=pixels)
    groups = GROUPS[picture.mode]
    # Ink is darkness: an enhancer that learned light has to see it inverted.
    function = partial(_enhanced, strength=strength, inverted=picture.mode == "CMYK")
    result: Pixels | None = None
    for group in groups:
        channels = pixels[..., group]
        chosen = prepare(enhancer, channels)
        side = min(chosen.tile, tile or chosen.tile)
        if channels.shape == pixels.shape and max(pixels.shape[:2]) <= side:
            # One tile, and no channel that passes by: nothing has to be put together.
            return replace(picture, pixels=function(pixels, enhancer=chosen))
        if result is None:
            result = scratch.empty(pixels.shape, pixels.dtype)
        tiled(partial(function, enhancer=chosen), channels, chosen.reach, chosen.align, side, out=result[..., group])
    assert result is not None
    untouched = slice(groups[-1].stop, None)
    result[..., untouched] = pixels[..., untouched]
    return replace(picture, pixels=result)


def _enhanced(channels: Pixels, *, enhancer: Enhancer, strength: float, inverted: bool) -> Pixels:
    """One tile of a grey (H x W x 1) or colour (H x W x 3) group, with what the enhancer changed added to it."""
    full = np.iinfo(channels.dtype).max
    seen = full - channels if inverted else channels
    unconverted = enhancer.colour == "any" or (enhancer.colour == "rgb" and channels.shape[2] == 3)
    if unconverted and enhancer.dtype != "float32" and strength == 1 and channels.dtype == np.uint8:
        after = call(enhancer, seen)
    else:
        before = np.divide(seen, full, dtype=np.float32)
        sharp = before + np.float32(strength) * _change(before, enhancer)
        after = np.rint(sharp * full).clip(0, full).astype(channels.dtype)
    return full - after if inverted else after


def _change(before: FloatPixels, enhancer: Enhancer) -> FloatPixels:
    """What the enhancer adds to float32 channels in [0, 1], shown to it in the colour and dtype that it wants."""
    grey = before.shape[2] == 1
    if enhancer.colour == "luma" and not grey:
        # Full-range YCbCr adds a change of luma to R, G and B alike, so chroma needs no conversion to stay untouched.
        return _added(luma(before), enhancer)
    if enhancer.colour == "rgb" and grey:
        return luma(_added(np.repeat(before, 3, axis=2), enhancer))
    return _added(before, enhancer)


def _added(seen: FloatPixels, enhancer: Enhancer) -> FloatPixels:
    if enhancer.dtype != "uint8":
        exact: FloatPixels = call(enhancer, seen) - seen
        return exact
    levels = np.rint(seen * 255).astype(np.uint8)
    # Against the levels it was shown, so that what they lost of 16 bits is not lost from the picture.
    change: FloatPixels = np.subtract(call(enhancer, levels), levels, dtype=np.float32) / np.float32(255)
    return change
