"""The classical peers: unsharp masks and Richardson-Lucy deconvolution, with fixed and with best settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sharpcli.image.degradation.blur import Blur
from sharpcli.image.image import Pixels
from sharpcli_training.evaluation.evaluate import Figures
from sharpcli_training.evaluation.rows import masked

ITERATIONS = (5, 15, 40)
UNSHARP = tuple((radius, percent) for radius in (0.7, 1.0, 1.5, 2.5) for percent in (60, 120, 250))
USUAL_RL = Blur("gaussian", 1.0)
USUAL_ITERATIONS = 10
FIXED = {"unsharp": "unsharp ", "RL": "RL "}
"""Methods with one setting for everything, and how the names of those begin whose settings are tried."""


def classical(blur: Blur | None, degraded: Pixels) -> Iterator[tuple[str, Pixels | None]]:
    """Unsharp masks and deconvolutions of uint8 H x W x 3, by name; None where there was no `blur` to undo."""
    yield "unsharp", masked(degraded)
    for radius, percent in UNSHARP:
        yield f"unsharp {radius} {percent}", masked(degraded, radius, percent)
    yield "RL", deconvolved(degraded, USUAL_RL, USUAL_ITERATIONS)
    for count in ITERATIONS:
        yield f"RL {count}", deconvolved(degraded, blur, count) if blur else None


def deconvolved(degraded: Pixels, blur: Blur, iterations: int) -> Pixels:
    """Luma by Richardson-Lucy (scikit-image) on mirrored borders; what it changes is added to each channel."""
    from skimage.restoration import richardson_lucy

    kernel = blur.kernel()
    wide = len(kernel)
    luma = degraded.astype(float) @ [0.299, 0.587, 0.114] / 255
    padded = np.pad(luma, wide, mode="symmetric")
    result = richardson_lucy(padded, kernel, num_iter=iterations)[wide:-wide, wide:-wide]
    change = 255 * (result - luma)[..., None]
    out: Pixels = np.rint(degraded + change).clip(0, 255).astype(np.uint8)
    return out


def best(results: Mapping[str, Figures | None]) -> dict[str, Figures | None]:
    """The figures of the fixed methods, and of the best by PSNR of the settings that were tried of each.

    Those of a setting that was tried need no more than PSNR.
    """
    out = {name: results[name] for name in FIXED if name in results}
    for name in tuple(out):
        tried = [means for key, means in results.items() if key.startswith(FIXED[name]) and means]
        out[f"best {name}"] = max(tried, key=lambda means: means["psnr"], default=None)
    return out
