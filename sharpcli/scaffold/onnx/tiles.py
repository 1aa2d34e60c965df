"""Measures what is needed to cut images into tiles: receptive radius, alignment and memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.ndimage import gaussian_filter

from sharpcli.image.image import FloatPixels, luma
from sharpcli.image.sample import photograph
from sharpcli.inference.generic import ForeignNetwork
from sharpcli.inference.native_scale import at_native_scale
from sharpcli.measure.memory import peak_of
from sharpcli.measure.receptive_field import (
    VISIBLE,
    Function,
    ReceptiveField,
    change_from_beyond,
    receptive_field,
)
from sharpcli.pipeline.budget import give_back

SIDES = (128, 256, 512)
PLACES = 8
BUDGET, RUNS = 3e12, 4 * PLACES
"""Multiplications that a measurement may take, about half a minute of two cores, and how often it runs the network."""
PHASES = (1, 2, 4, 8, 16, 32, 64)
GENEROUS = 1.25
"""By how much what was measured is exceeded, for what other images may show."""


@dataclass(frozen=True)
class Tiles:
    """What an enhancer declares of these; `receptive_radius` is None for a network that needs the whole image."""

    receptive_radius: int | None
    tile_multiple: int
    bytes_per_pixel: int | None


def tiles_of(network: ForeignNetwork, channels: int, scale: int, multiple: int, kmac: float) -> Tiles:
    """Measure a network as an enhancer; `kmac` thousand multiplications for each pixel bound what is tried."""
    function = partial(at_native_scale, scale=scale, network=network)
    step = scale * multiple
    affordable = [side for side in SIDES if side**2 * kmac * 1000 * RUNS <= BUDGET] or [SIDES[0]]
    for side in affordable:
        images = _images(-(-side // step) * step, channels)
        measured = [receptive_field(function, pixels, PLACES) for pixels in images]
        if not any(found.whole for found in measured):
            break
    radius = _radius(function, images, measured, step)
    start = next(_alignments(function, images, step, radius), None) if radius is not None else None
    memory = _memory(network, function, images[0])
    if radius is None or start is None:
        return Tiles(None, step, memory)
    return Tiles(radius if start == 1 else -(-radius // start) * start, start, memory)


def _images(side: int, channels: int) -> tuple[FloatPixels, FloatPixels]:
    """A soft photograph, since some networks do nothing to a sharp one, and noise, to which others do more."""
    photo = np.divide(photograph((side, side)).pixels, 255, dtype=np.float32)
    noise = np.random.default_rng(0).random(photo.shape, np.float32)
    soft = gaussian_filter(photo, (1.5, 1.5, 0))
    return (luma(soft), luma(noise)) if channels == 1 else (soft, noise)


def _radius(
    function: Function, images: Iterable[FloatPixels], measured: Sequence[ReceptiveField], step: int
) -> int | None:
    """As far as any change moves; in deep networks, which spread traces much farther, as far as one is seen."""
    whole = any(found.whole for found in measured)
    most = max(math.ceil(found.visible * GENEROUS) if whole else found.any for found in measured)
    radius = -(-most // step) * step + (step == 1)

    def enough(pixels: FloatPixels) -> bool:
        # There must be something beyond, and it must not matter.
        room = 2 * (radius + PLACES) <= len(pixels)
        return room and change_from_beyond(function, pixels, radius, PLACES) <= VISIBLE

    return radius if all(map(enough, images)) else None


def _alignments(function: Function, images: Iterable[FloatPixels], step: int, radius: int) -> Iterator[int]:
    """Where a part may start so that it comes out as in the whole image."""
    whole = [(pixels, function(pixels)) for pixels in images]
    for start in (step * phase for phase in PHASES):
        inner = slice(radius, len(whole[0][0]) - start - radius)
        apart = [
            np.abs(function(np.ascontiguousarray(pixels[start:, start:])) - result[start:, start:])[inner, inner]
            for pixels, result in whole
        ]
        if all(change.size and change.max() <= VISIBLE for change in apart):
            yield start


def _memory(network: ForeignNetwork, function: Function, pixels: FloatPixels) -> int | None:
    """Bytes that a call takes for each pixel beside its result; None where the system does not tell."""
    peaks = []
    for _ in range(2):
        network.free_memory()
        give_back()
        peaks.append(peak_of(partial(function, pixels)))
    known = [peak - pixels.nbytes for peak in peaks if peak is not None]
    each = max(known, default=0) * GENEROUS / (pixels.shape[0] * pixels.shape[1])
    return max(20, math.ceil(each / 20) * 20) if known else None
