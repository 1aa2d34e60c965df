"""Lets a network that enlarges work as an enhancer: on the small image that a soft one was enlarged from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import SharpError
from sharpcli.image.image import FloatPixels, padded
from sharpcli.image.resample import resize_plane

STEPS = (1.22, 1.79, 2.66)
"""How much of the difference each step takes back. Enlarging and shrinking again keeps 0.35 to 1 of each of an image's
frequencies, save the very finest diagonals (0.22). Over that range these three, each the largest error made smallest,
leave 1 % of it, for which steps of 1 would have to be ten."""


def at_native_scale(
    pixels: FloatPixels, scale: int, network: Callable[[FloatPixels], NDArray[np.float32]]
) -> FloatPixels:
    """Run a network that enlarges `scale` times on what H x W x C pixels, float32 in [0, 1], were enlarged from.

    `network` makes h*scale x w*scale x C of h x w x C; of an image that bicubic interpolation enlarged it is given the
    small original, to within about a level of 8 bits. Edges are repeated up to a multiple of `scale`, and the result is
    cut to H x W x C. A scale of 1 calls the network as it is. Raises SharpError when the network enlarges otherwise.
    """
    height, width, channels = pixels.shape
    whole = padded(pixels, scale)
    seen = whole if scale == 1 else _shrunk(whole, scale)
    result = network(seen)
    if result.shape != whole.shape:
        had, made = (f"{shape[1]}x{shape[0]}" for shape in (seen.shape, result.shape))
        raise SharpError(f"the network turned {had} into {made}, which is not {scale} times as large; set its scale")
    return result[:height, :width, :channels]


def receptive_radius_at_native_scale(scale: int, network: int = 0) -> int:
    """How far, in pixels, a result of `at_native_scale` depends on its input.

    `network` is the network's own receptive radius in pixels of the small image.
    """
    if scale == 1:
        return network
    # In small pixels: bicubic interpolation takes less than two to either side, so shrinking reaches 2, and enlarging
    # and shrinking again 3. The last term is half of what one small pixel becomes.
    return scale * (2 + 3 * len(STEPS) + network) + scale // 2


def _shrunk(pixels: FloatPixels, scale: int) -> FloatPixels:
    """The image that bicubic interpolation enlarges to these: iterative back-projection (Irani and Peleg, 1991)."""
    (height, width), channels = pixels.shape[:2], pixels.shape[2]
    size = height // scale, width // scale
    result: FloatPixels = np.empty((*size, channels), np.float32)
    for channel in range(channels):
        first = small = resize_plane(np.ascontiguousarray(pixels[..., channel]), size)
        for step in STEPS:
            # Shrinking adds up, so the difference may be taken at the small size.
            small = small + np.float32(step) * (first - resize_plane(resize_plane(small, (height, width)), size))
        np.clip(small, 0, 1, out=result[..., channel])
    return result
