"""Image in, (resize,) enhancer, strength, image out: the one path that all front ends use."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from sharpcli.image.enlargement import of_size
from sharpcli.image.image import FloatPixels, Image, Pixels, luma
from sharpcli.image.resample import resize
from sharpcli.image.scratch import IN_MEMORY, Scratch
from sharpcli.pipeline.guard import call, finding, for_image
from sharpcli.pipeline.pieces import Do, T, at_once
from sharpcli.pipeline.strength import check_strength
from sharpcli.pipeline.tiling import tiled
from sharpcli.plugin.enhancer import Enhancer

# Which channels belong together as colour or as grey; what comes after them (alpha) passes by.
GROUPS: dict[str, tuple[slice, ...]] = {
    "L": (slice(0, 1),),
    "LA": (slice(0, 1),),
    "RGB": (slice(0, 3),),
    "RGBA": (slice(0, 3),),
    "CMYK": (slice(0, 3), slice(3, 4)),
}
PIXELS_PER_BAND = 1 << 16
"""Pixels that are blended at a time: few enough for a processor's cache, whatever the image's size."""

WARM = 64
"""The largest side, in pixels, of what an enhancer is given before its time is taken."""


def sharpen(
    image: Image,
    enhancer: Enhancer,
    *,
    upscale: float = 1,
    strength: float = 1.0,
    tile: int | None = None,
    scratch: Scratch = IN_MEMORY,
    decided: bool = False,
    do: Do = at_once,
) -> Image:
    """The image enlarged `upscale` times by bicubic interpolation, then enhanced, metadata, depth and alpha kept.

    `strength` 0-1 blends from the (enlarged) input to the full effect; up to 2 extrapolates the change, clipped.
    `tile` in pixels, the enhancer's own if not given, bounds the memory of enhancers that allow it and does not change
    the result; `scratch` says where the result lies meanwhile. An enhancer that is `decided` is run as it is: one that
    `for_image` returned for another image, as for the frames of a clip. `do` does each piece of the enhancer's work.
    Raises SharpError.
    """
    check_strength(strength)
    before = enlarged(image, upscale, scratch)
    if strength == 0:
        return before
    after, own = _full_effect(before, enhancer, tile, scratch, decided, do)
    # In place where it is large, because a third image of that size would need room that nobody has counted.
    return blend(before, after, strength, after.pixels if own else None)


def enlarged(image: Image, upscale: float, scratch: Scratch = IN_MEMORY) -> Image:
    """The image `upscale` times as large by bicubic interpolation, as its metadata say then; itself for 1."""
    if upscale == 1:
        return image
    height, width = image.pixels.shape[:2]
    shape = round(height * upscale), round(width * upscale)
    return of_size(image, resize(image.pixels, shape, image.mode, scratch=scratch))


def enhanced(image: Image, enhancer: Enhancer, tile: int | None = None, do: Do = at_once) -> Image:
    """The image with the full effect of an enhancer, and a note of what that found out about it; see `sharpen`."""
    return _full_effect(image, enhancer, tile, do=do)[0]


def _full_effect(
    image: Image,
    enhancer: Enhancer,
    tile: int | None,
    scratch: Scratch = IN_MEMORY,
    decided: bool = False,
    do: Do = at_once,
) -> tuple[Image, bool]:
    """The result, and whether its array was made here: otherwise an enhancer made it, and may keep it."""
    pixels = image.pixels
    groups = GROUPS[image.mode]
    # Ink is darkness: an enhancer that learned light has to see it inverted.
    function = partial(_enhanced, inverted=image.mode == "CMYK")
    result: Pixels | None = None
    notes = image.notes

    def part(piece: Callable[[], T], share: float = 0) -> T:
        return do(piece, share / len(groups))

    for group in groups:
        channels = pixels[..., group]
        chosen = enhancer if decided else do(partial(for_image, enhancer, channels))
        said = finding(chosen)
        notes = (*notes, said) if said and said not in notes else notes
        side = min(chosen.max_tile, tile or chosen.max_tile)
        if channels.shape == pixels.shape and max(pixels.shape[:2]) <= side:
            # One tile, and no channel that passes by: nothing has to be put together.
            done = do(partial(function, pixels, enhancer=chosen), 1)
            return replace(image, pixels=done, notes=notes), False
        if result is None:
            result = scratch.empty(pixels.shape, pixels.dtype)
        tiled(
            partial(function, enhancer=chosen),
            channels,
            chosen.receptive_radius,
            chosen.tile_multiple,
            side,
            out=result[..., group],
            after_each=scratch.sweep,
            do=part,
        )
    assert result is not None
    alpha = slice(groups[-1].stop, None)
    result[..., alpha] = pixels[..., alpha]
    return replace(image, pixels=result, notes=notes), True


def blend(before: Image, after: Image, strength: float, out: Pixels | None = None) -> Image:
    """From the input (strength 0) to the full effect (1) and on to twice the change (2), clipped.

    Into `out` where that is given, which may be the pixels of one of both.
    """
    check_strength(strength)
    if strength == 1:
        return after
    first, second = before.pixels, after.pixels
    result: Pixels = np.empty_like(second) if out is None else out
    white = np.iinfo(second.dtype).max
    rows = max(1, PIXELS_PER_BAND // first.shape[1])
    for top in range(0, len(first), rows):
        band = slice(top, top + rows)
        change = np.subtract(second[band], first[band], dtype=np.float32)
        result[band] = np.rint(first[band] + np.float32(strength) * change).clip(0, white)
    return replace(after, pixels=result)


def _enhanced(channels: Pixels, *, enhancer: Enhancer, inverted: bool) -> Pixels:
    """One tile of a grey (H x W x 1) or colour (H x W x 3) group, with what the enhancer changed added to it."""
    full = np.iinfo(channels.dtype).max
    seen = full - channels if inverted else channels
    unconverted = enhancer.color == "any" or (enhancer.color == "rgb" and channels.shape[2] == 3)
    if unconverted and enhancer.dtype != "float32" and channels.dtype == np.uint8:
        after = call(enhancer, seen)
    else:
        before = np.divide(seen, full, dtype=np.float32)
        sharp = before + _change(before, enhancer)
        after = np.rint(sharp * full).clip(0, full).astype(channels.dtype)
    return full - after if inverted else after


def _change(before: FloatPixels, enhancer: Enhancer) -> FloatPixels:
    """What the enhancer adds to float32 channels in [0, 1], shown to it in the colour and dtype that it wants."""
    grey = before.shape[2] == 1
    if enhancer.color == "luma" and not grey:
        # Full-range YCbCr adds a change of luma to R, G and B alike, so chroma needs no conversion to stay untouched.
        return _added(luma(before), enhancer)
    if enhancer.color == "rgb" and grey:
        return luma(_added(np.repeat(before, 3, axis=2), enhancer))
    return _added(before, enhancer)


def _added(seen: FloatPixels, enhancer: Enhancer) -> FloatPixels:
    if enhancer.dtype != "uint8":
        exact: FloatPixels = call(enhancer, seen) - seen
        return exact
    levels = np.rint(seen * 255).astype(np.uint8)
    # Against the levels it was shown, so that what they lost of 16 bits is not lost from the image.
    change: FloatPixels = np.subtract(call(enhancer, levels), levels, dtype=np.float32) / np.float32(255)
    return change


def timed(image: Image, enhancer: Enhancer, tile: int | None = None, do: Do = at_once) -> tuple[Image, float]:
    """The image with the full effect, and the seconds that the enhancer took for it. Raises SharpError.

    It is run on a corner of the image first, so that loading its weights does not count; neither does what is done
    to an image before and after, such as decoding, enlarging and encoding, nor how long `do` waits before a piece.
    """
    pixels = image.pixels
    # Which weights there are to load may depend on the whole image.
    chosen = do(lambda: for_image(enhancer, pixels[..., GROUPS[image.mode][0]]))
    # Less than the whole of a small image: a network compiles for a size that comes twice.
    rows, columns = (min(WARM, (side + 1) // 2) for side in pixels.shape[:2])
    do(lambda: enhanced(replace(image, pixels=pixels[:rows, :columns]), chosen))
    seconds = 0.0

    def clocked(piece: Callable[[], T], share: float = 0) -> T:
        def run() -> T:
            nonlocal seconds
            began = time.perf_counter()
            result = piece()
            seconds += time.perf_counter() - began
            return result

        return do(run, share)

    return enhanced(image, enhancer, tile, clocked), seconds
