"""Whether a large image can be cut into tiles as declared."""

from __future__ import annotations

from functools import partial

from sharpcli.checks.check import Skip, check
from sharpcli.checks.subject import Failure, Subject, in_levels, levels_apart
from sharpcli.measure.receptive_field import VISIBLE, ReceptiveField, change_from_beyond, receptive_field
from sharpcli.pipeline.guard import call
from sharpcli.pipeline.tiling import tiled

MARGIN, PLACES = 16, 8
"""Pixels beyond the declared receptive radius that are looked at, and how many of the middle are changed."""
LARGEST, UNKNOWN = 1024, 256
"""The largest side of a measured image, which bounds the work, and that where no radius is declared."""
TILE, STRIP = 48, 40
"""The side of a tile in pixels, and how wide a strip is that is cut into them."""
ALLOWED = 1.001
"""Levels of 255 by which tiles may differ from the whole: one, and what float32 adds to it."""
PHASES = (*range(2, 13), 16, 24, 32, 48, 64)
"""What is tried in place of an `tile_multiple` that does not hold."""
EVEN = 64


@check("receptive-radius")
def receptive_radius(subject: Subject) -> str:
    """No change of a pixel has an effect beyond the declared receptive radius."""
    declared = subject.enhancer.receptive_radius
    side = UNKNOWN if declared is None else min(LARGEST, 2 * (declared + MARGIN) + PLACES)
    pixels = subject.image((side, side))
    function = partial(call, subject.chosen(pixels))
    measured = receptive_field(function, pixels, PLACES)
    if declared is None:
        beyond = change_from_beyond(function, pixels, measured.any, PLACES)
        raise Skip(_undeclared(measured, beyond))
    seen = f"at least {measured.visible}" if measured.whole else f"{measured.visible}"
    if measured.visible > declared:
        remedy = "a larger one, or None for the whole image" if measured.whole else str(measured.any)
        raise Failure(f"a pixel's change moves {seen} pixels, declared {declared}; receptive_radius must be {remedy}")
    beyond = change_from_beyond(function, pixels, declared, PLACES)
    if beyond > 2 * VISIBLE * ALLOWED:
        raise Failure(
            f"what lies farther than the declared {declared} pixels changes the result by {in_levels(beyond * 255)}, "
            "as statistics of the whole image do; receptive_radius must be larger, or None for the whole image"
        )
    return _declared(measured, declared, pixels.dtype.kind == "f")


def _declared(measured: ReceptiveField, declared: int, exact: bool) -> str:
    visibly = f" ({measured.visible} visibly)" if measured.visible < measured.any else ""
    # Bytes round small changes away, so that they do not show all of it.
    cheaper = "; a smaller one makes tiles cheaper" if exact and 2 * measured.any < declared else ""
    return f"measured {measured.any}{visibly}, declared {declared} pixels{cheaper}"


def _undeclared(measured: ReceptiveField, beyond: float) -> str:
    if measured.whole or beyond > 0:
        return "none declared, and all of the image is used indeed"
    return f"none declared; measured {measured.any} pixels: receptive_radius = {measured.any} would allow tiles"


def _needed_radius(subject: Subject) -> int:
    radius = subject.enhancer.receptive_radius
    if radius is None:
        raise Skip("it needs the whole image, which is never cut into tiles")
    if radius > LARGEST // 2:
        raise Skip(f"a receptive radius of {radius} pixels takes larger images than are tried here")
    return radius


@check("tile-multiple")
def tile_multiple(subject: Subject) -> str:
    """A part that starts at a multiple of tile_multiple gives the same pixels as the whole image."""
    edge, declared = _needed_radius(subject) + MARGIN, subject.enhancer.tile_multiple
    if (apart := _shifted(subject, declared, edge)) <= ALLOWED:
        return f"tile multiple {declared}"
    wrong = f"a tile that starts at row and column {declared} comes out differently ({in_levels(apart)})"
    for other in PHASES:
        if other > declared and _shifted(subject, other, edge) <= ALLOWED:
            raise Failure(f"{wrong}; tile_multiple must be {other}")
    raise Failure(
        f"{wrong}, as its result depends on the position in the image or on the whole image; "
        "receptive_radius must be None for that"
    )


def _shifted(subject: Subject, start: int, edge: int) -> float:
    """How much the part from `start` on differs from the whole, `edge` pixels and more from the cuts."""
    # Both divisible by what networks shrink by, so that neither needs padding.
    side, whole_side = (-(-length // EVEN) * EVEN for length in (2 * edge + TILE, 2 * edge + TILE + EVEN + start))
    pixels = subject.image((whole_side, whole_side))
    cut, inner = slice(start, start + side), slice(edge, side - edge)
    function = partial(call, subject.chosen(pixels))
    whole, part = function(pixels), function(pixels[cut, cut].copy())
    return levels_apart(part[inner, inner], whole[cut, cut][inner, inner])


@check("tiles")
def tiles(subject: Subject) -> str:
    """Tiles give the same result as the whole image, to within one level of 255."""
    long = 2 * (_needed_radius(subject) + subject.enhancer.tile_multiple) + 3 * TILE + 5
    most = 0.0
    for size in ((STRIP, long), (long, STRIP)):
        for pixels in subject.images(size):
            chosen = subject.chosen(pixels)
            function = partial(call, chosen)
            cut = tiled(function, pixels, chosen.receptive_radius, chosen.tile_multiple, TILE)
            most = max(most, levels_apart(cut, function(pixels)))
    if most > ALLOWED:
        raise Failure(
            f"tiles differ from the whole by {in_levels(most)}; where receptive_radius and tile_multiple are right, "
            "what it does depends on the place or the size of what it is given, and receptive_radius must be None"
        )
    return f"{in_levels(most)} apart" if most else "the same"
