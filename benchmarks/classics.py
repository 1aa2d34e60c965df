"""The classical peers of deblurring.py: unsharp masks and Richardson-Lucy, with fixed and with best settings."""

from collections.abc import Iterator

import numpy as np
from figures import Figures
from PIL import Image as PILImage
from PIL import ImageFilter
from skimage.restoration import richardson_lucy

from sharpcli.image.degradation.blur import Blur
from sharpcli.image.image import Pixels

ITERATIONS = (5, 15, 40)
UNSHARP = [(radius, percent) for radius in (0.7, 1.0, 1.5, 2.5) for percent in (60, 120, 250)]
USUAL_RL = Blur("gaussian", 1.0)
BEST = {"best unsharp": "unsharp ", "best RL": "RL "}


def classical(blur: Blur | None, degraded: Pixels) -> Iterator[tuple[str, Pixels | None]]:
    """Unsharp masks and deconvolutions, by name; None where there was no `blur` to undo."""
    image = PILImage.fromarray(degraded)
    yield "unsharp", np.asarray(image.filter(ImageFilter.UnsharpMask(1, 60, 0)))
    for radius, percent in UNSHARP:
        yield f"unsharp {radius} {percent}", np.asarray(image.filter(ImageFilter.UnsharpMask(radius, percent, 0)))
    yield "RL", deconvolved(degraded, USUAL_RL, 10)
    for count in ITERATIONS:
        yield f"RL {count}", deconvolved(degraded, blur, count) if blur else None


def deconvolved(degraded: Pixels, blur: Blur, iterations: int) -> Pixels:
    """Luma by Richardson-Lucy (scikit-image) on mirrored borders; what it changes is added to each channel."""
    kernel = blur.kernel()
    wide = len(kernel)
    luma = degraded.astype(float) @ [0.299, 0.587, 0.114] / 255
    padded = np.pad(luma, wide, mode="symmetric")
    result = richardson_lucy(padded, kernel, num_iter=iterations)[wide:-wide, wide:-wide]
    change = 255 * (result - luma)[..., None]
    return np.rint(degraded + change).clip(0, 255).astype(np.uint8)


def best(results: dict[str, Figures | None]) -> dict[str, Figures | None]:
    """The settings of a classical method that were tried, as the best of them by PSNR."""
    out: dict[str, Figures | None] = {}
    for name, figures in results.items():
        if name.startswith(tuple(BEST.values())):
            continue
        out[name] = figures
        if start := BEST.get(f"best {name}"):
            tried = [means for key, means in results.items() if key.startswith(start) and means]
            out[f"best {name}"] = max(tried, key=lambda means: means["psnr"], default=None)
    return out
