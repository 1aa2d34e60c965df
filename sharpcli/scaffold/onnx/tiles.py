"""Measures what is needed to cut images into tiles: reach, alignment and memory."""

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
from sharpcli.measure.receptive_field import VISIBLE, Function, Reach, change_from_beyond, measured_reach
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
    """What an enhancer declares of these; `reach` is None for a network that needs the whole image."""

    reach: int | None
    align: int
    work: int | None


def tiles_of(network: ForeignNetwork, channels: int, scale: int, multiple: int, kmac: float) -> Tiles:
    """Measure a network as an enhancer; `kmac` thousand multiplications for each pixel bound what is tried."""
    function = partial(at_native_scale, scale=scale, network=network)
    step = scale * multiple
    affordable = [side for side in SIDES if side**2 * kmac * 1000 * RUNS <= BUDGET] or [SIDES[0]]
    for side in affordable:
        images = _images(-(-side // step) * step, channels)
        measured = [measured_reach(function, pixels, PLACES) for pixels in images]
        if not any(found.whole for found in measured):
            break
    reach = _reach(function, images, measured, step)
    align = next(_alignments(function, images, step, reach), None) if reach is not None else None
    work = _work(network, function, images[0])
    if reach is None or align is None:
        return Tiles(None, step, work)
    return Tiles(reach if align == 1 else -(-reach // align) * align, align, work)


def _images(side: int, channels: int) -> tuple[FloatPixels, FloatPixels]:
    """A soft photograph, since some networks do nothing to a sharp one, and noise, to which others do more."""
    photo = np.divide(photograph((side, side)).pixels, 255, dtype=np.float32)
    noise = np.random.default_rng(0).random(photo.shape, np.float32)
    soft = gaussian_filter(photo, (1.5, 1.5, 0))
    return (luma(soft), luma(noise)) if channels == 1 else (soft, noise)


def _reach(function: Function, images: Iterable[FloatPixels], measured: Sequence[Reach], step: int) -> int | None:
    """As far as any change moves; in deep networks, which spread traces much farther, as far as one is seen."""
    whole = any(found.whole for found in measured)
    most = max(math.ceil(found.visible * GENEROUS) if whole else found.any for found in measured)
    reach = -(-most // step) * step + (step == 1)

    def enough(pixels: FloatPixels) -> bool:
        # There must be something beyond, and it must not matter.
        room = 2 * (reach + PLACES) <= len(pixels)
        return room and change_from_beyond(function, pixels, reach, PLACES) <= VISIBLE

    return reach if all(map(enough, images)) else None


def _alignments(function: Function, images: Iterable[FloatPixels], step: int, reach: int) -> Iterator[int]:
    """Where a part may start so that it comes out as in the whole image."""
    whole = [(pixels, function(pixels)) for pixels in images]
    for start in (step * phase for phase in PHASES):
        inner = slice(reach, len(whole[0][0]) - start - reach)
        apart = [
            np.abs(function(np.ascontiguousarray(pixels[start:, start:])) - result[start:, start:])[inner, inner]
            for pixels, result in whole
        ]
        if all(change.size and change.max() <= VISIBLE for change in apart):
            yield start


def _work(network: ForeignNetwork, function: Function, pixels: FloatPixels) -> int | None:
    """Bytes that a call takes for each pixel beside its result; None where the system does not tell."""
    peaks = []
    for _ in range(2):
        network.release()
        give_back()
        peaks.append(peak_of(partial(function, pixels)))
    known = [peak - pixels.nbytes for peak in peaks if peak is not None]
    each = max(known, default=0) * GENEROUS / (pixels.shape[0] * pixels.shape[1])
    return max(20, math.ceil(each / 20) * 20) if known else None
