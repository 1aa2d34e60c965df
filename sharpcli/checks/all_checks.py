"""All checks, in the order in which they are done: each tells the more, the more of those before it have passed."""

from __future__ import annotations

from sharpcli.checks import basics, memory, options, packaging, sizes, threads, tiles, values
from sharpcli.checks import images as whole_images
from sharpcli.checks import repeatability as repeats
from sharpcli.checks.check import Check

CHECKS: tuple[Check, ...] = (
    basics.loads,
    basics.declaration,
    basics.runs,
    basics.keeps_input,
    basics.shape,
    basics.dtype,
    basics.finite,
    repeats.determinism,
    memory.memory,  # before others leave free memory behind, which it would not see taken
    values.in_range,
    values.flat,
    values.silence,
    repeats.state,
    threads.threads,
    sizes.odd_sizes,
    sizes.tiny_sizes,
    sizes.layout,
    tiles.receptive_radius,
    tiles.tile_multiple,
    tiles.tiles,
    whole_images.grey,
    whole_images.alpha,
    whole_images.sixteen_bits,
    options.options,
    options.bounds,
    packaging.weights,
    packaging.batch,
    packaging.pickled,
)
