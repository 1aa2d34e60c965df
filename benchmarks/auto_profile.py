"""Compares the profile auto with blind photo on folders of sharp images, over degradations; prints Markdown.

`python benchmarks/auto_profile.py FOLDER...` measures the students in FP32, `--precision auto` as they run by default.
`--beyond` takes, instead of the degradation grid, degradations that are not on it and could be mistaken for an
enlargement by two of a clean image.
"""

import argparse
import io
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import fmean

import numpy as np
from PIL import Image as PILImage

from sharpcli.image.image import Image, Pixels, from_pil, to_pil
from sharpcli.image.resample import degrade, resize
from sharpcli.pipeline.guard import for_image
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.scoring.score import gain
from sharpcli_training.evaluation.evaluate import CONVENTION, GRID, luma_psnr, pair, read_folder

Pair = tuple[Pixels, Pixels]
DEGRADATIONS: dict[str, Callable[[Pixels], Pair]] = {
    name: partial(pair, scale=scale, shifted=shifted, jpeg=jpeg) for name, (scale, shifted, jpeg) in GRID.items()
}


def noisy(small: Pixels, deviation: float) -> Pixels:
    """Gaussian noise, in levels."""
    noise = np.random.default_rng(0).normal(0, deviation, small.shape)
    return np.rint(small + noise).clip(0, 255).astype(np.uint8)


def through_webp(small: Pixels, quality: int) -> Pixels:
    """What is left after lossy WebP."""
    buffer = io.BytesIO()
    to_pil(small, "RGB").save(buffer, "WEBP", quality=quality)
    return from_pil(PILImage.open(buffer).convert("RGB"))


def doubled(reference: Pixels, between: Callable[[Pixels], Pixels] = lambda small: small, **kernels: str) -> Pair:
    """Shrunk by two, something done to it, and enlarged by two."""
    height, width = (side // 2 * 2 for side in reference.shape[:2])
    whole = reference[:height, :width]
    small = between(resize(whole, (height // 2, width // 2), kernel=kernels.get("down", "bicubic")))
    return resize(small, (height, width), kernel=kernels.get("up", "bicubic")), whole


BEYOND: dict[str, Callable[[Pixels], Pair]] = {
    "scale 2, shrunk by box filter": partial(doubled, down="box"),
    "scale 2, shrunk by bilinear": partial(doubled, down="bilinear"),
    "scale 2, shrunk by Lanczos": partial(doubled, down="lanczos"),
    "scale 2, enlarged by bilinear": partial(doubled, up="bilinear"),
    "scale 2, enlarged by Lanczos": partial(doubled, up="lanczos"),
    "scale 2 after scale 1.25": partial(doubled, between=partial(degrade, scale=1.25)),
    "scale 2 after scale 2": partial(doubled, between=partial(degrade, scale=2)),
    "scale 4, by bilinear": lambda reference: (degrade(reference, 4, up="bilinear"), reference),
    "scale 2 of noise 1": partial(doubled, between=partial(noisy, deviation=1)),
    "scale 2 of noise 2": partial(doubled, between=partial(noisy, deviation=2)),
    "scale 2 of noise 5": partial(doubled, between=partial(noisy, deviation=5)),
    "scale 2 of WebP 90": partial(doubled, between=partial(through_webp, quality=90)),
    "scale 2 of WebP 75": partial(doubled, between=partial(through_webp, quality=75)),
}


def both(degraded: Pixels, reference: Pixels, blind: Enhancer, auto: Enhancer) -> tuple[float, float]:
    """PSNR with the profile photo and with auto."""
    image = Image(degraded, "RGB")
    first, second = (luma_psnr(sharpen(image, one).pixels, reference) for one in (blind, auto))
    return first, second


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("folders", nargs="+", type=Path)
parser.add_argument("-e", "--enhancer", dest="names", action="append")
parser.add_argument("--precision", default="fp32")
parser.add_argument("--beyond", action="store_true")
arguments = parser.parse_args()
names = arguments.names or ["student-live", "student"]
enhancers = {
    name: [
        create_enhancer(name, {"profile": profile, "precision": arguments.precision}) for profile in ("photo", "auto")
    ]
    for name in names
}
pool = ThreadPoolExecutor()
print(f"PSNR in dB, convention {CONVENTION}, precision {arguments.precision}.")
for folder in arguments.folders:
    references = read_folder(folder)
    print(f"\n{folder.name}, {len(references)} images: gain, and auto minus photo on the worst image.\n")
    print("| degradation | input | auto used x2 |", *(f"{name}: photo | auto | worst |" for name in names))
    print("|---|---|---|" + "---|---|---|" * len(names))
    means: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for kind, degradation in (BEYOND if arguments.beyond else DEGRADATIONS).items():
        pairs = list(pool.map(degradation, references))
        baseline = fmean(luma_psnr(*each) for each in pairs)
        taken = sum(vars(for_image(enhancers[names[0]][1], degraded))["profile"] == "x2" for degraded, _ in pairs)
        row = f"| {kind} | {baseline:.2f} | {taken} |"
        for name in names:
            results = list(pool.map(lambda each, two=enhancers[name]: both(*each, *two), pairs))
            worst = min(gain(auto, photo) for photo, auto in results)
            photo, auto = (fmean(figures) for figures in zip(*results, strict=True))
            if math.isinf(baseline):  # what comes back untouched has no finite mean
                least = [min(figures) for figures in zip(*results, strict=True)]
                row += f" least: {least[0]:.1f} | {least[1]:.1f} | |"
            else:
                means[name].append((photo - baseline, auto - baseline))
                row += f" {photo - baseline:+.2f} | {auto - baseline:+.2f} | {worst:+.2f} |"
        print(row, flush=True)
    row = "| mean of the degraded | | |"
    for name in names:
        photo, auto = (fmean(figures) for figures in zip(*means[name], strict=True))
        row += f" {photo:+.2f} | {auto:+.2f} | |"
    print(row)
