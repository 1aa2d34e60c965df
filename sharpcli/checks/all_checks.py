"""All checks, in the order in which they are done: each tells the more, the more of those before it have passed."""

from __future__ import annotations

from sharpcli.checks import basics, memory, options, packaging, sizes, threads, tiles, values
from sharpcli.checks import images as whole_pictures
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
    tiles.reach,
    tiles.align,
    tiles.tiles,
    whole_pictures.grey,
    whole_pictures.alpha,
    whole_pictures.sixteen_bits,
    options.options,
    options.bounds,
    packaging.weights,
    packaging.batch,
    packaging.pickled,
)
