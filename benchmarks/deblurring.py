"""Measures what enhancers and classical methods give back of blurred, noisy, enlarged and compressed images.

`python benchmarks/deblurring.py FOLDER[:N]... [-e student:profile=deblur ...]` degrades the sharp images of the
folders by each row of CELLS, restores them, and prints one Markdown table: luma PSNR of the degraded image in dB
(convention y), and the gain over it. Beside enhancers, to whom nothing is said about an image:

- *unsharp*: an unsharp mask of radius 1 and 60 %, whatever the image; *best unsharp*: the best of 12 settings a row;
- *RL*: Richardson-Lucy with a Gaussian of 1 px and 10 iterations; *best RL*: with the kernel that really blurred, and
  the best of three numbers of iterations a row, which is knowledge that nobody has.

`--told` runs the enhancers once more with kind, size, light and noise given as options, where a row has them.
"""

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from types import MappingProxyType
from typing import Any

import numpy as np
from PIL import Image as PILImage
from PIL import ImageFilter
from skimage.restoration import richardson_lucy

from sharpcli.image.degradation.blur import Blur
from sharpcli.image.degradation.chain import Chain
from sharpcli.image.image import Image, Pixels, from_pil
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import EnhancerSpec, create_enhancer
from sharpcli.scoring.score import measured, psnr

MOST_DB = 60.0
"""What counts for an image that came back untouched."""
ITERATIONS = (5, 15, 40)
UNSHARP = [(radius, percent) for radius in (0.7, 1.0, 1.5, 2.5) for percent in (60, 120, 250)]
USUAL_RL = Blur("gaussian", 1.0)
BEST = {"best unsharp": "unsharp ", "best RL": "RL "}


@dataclass(frozen=True)
class Cell:
    """A row of the table; `told` are the options that say what happened."""

    name: str
    chain: Chain
    told: Mapping[str, Any] = field(default_factory=dict)


def _blurred(name: str, kind: str, size: float, angle: float = 0.0, **more: Any) -> Cell:
    noise = {"noise": more["noise"]} if "noise" in more else {}
    noise["light"] = "linear" if more.get("linear") else "encoded"
    return Cell(name, Chain(blur=Blur(kind, size, angle), **more), {"kind": kind, "blur": size, "noise": 0, **noise})


CELLS = (
    _blurred("Gaussian 0.7", "gaussian", 0.7),
    _blurred("Gaussian 1.0", "gaussian", 1.0),
    _blurred("Gaussian 1.5", "gaussian", 1.5),
    _blurred("Gaussian 2.5", "gaussian", 2.5),
    _blurred("Gaussian 1.0, linear light", "gaussian", 1.0, linear=True),
    _blurred("disc 1.5", "defocus", 1.5),
    _blurred("disc 2.5", "defocus", 2.5),
    _blurred("disc 4", "defocus", 4.0),
    _blurred("disc 2.5, linear light", "defocus", 2.5, linear=True),
    _blurred("motion 5", "motion", 5.0, 30),
    _blurred("motion 9", "motion", 9.0, 30),
    _blurred("Gaussian 1 + noise 3", "gaussian", 1.0, noise=3),
    _blurred("Gaussian 1 + noise 8", "gaussian", 1.0, noise=8),
    _blurred("Gaussian 1 + JPEG 75", "gaussian", 1.0, jpeg=75),
    Cell("bicubic x2, then JPEG 50", Chain(scale=2, jpeg=50)),
    Cell("JPEG 50, then x2", Chain(scale=2, small_jpeg=50)),
    Cell("bicubic x2", Chain(scale=2)),
    Cell("bicubic x3", Chain(scale=3)),
    Cell("area/bilinear x2", Chain(scale=2, down="box", up="bilinear")),
    Cell("Lanczos x1.5", Chain(scale=1.5, down="lanczos", up="lanczos")),
    Cell("sharp + noise 5", Chain(noise=5), {"kind": "none", "noise": 5}),
    Cell("sharp", Chain()),
    Cell("JPEG 95", Chain(jpeg=95)),
    Cell("JPEG 90", Chain(jpeg=90)),
    Cell("JPEG 75", Chain(jpeg=75)),
    Cell("JPEG 50", Chain(jpeg=50)),
    Cell("WebP 80", Chain(webp=80)),
    Cell("bicubic x1.1", Chain(scale=1.1)),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER[:N]", help="sharp images; with :N, every Nth")
    parser.add_argument("-e", "--enhancer", action="append", dest="specs", metavar="NAME:KEY=VALUE")
    parser.add_argument("--told", action="store_true")
    parser.add_argument("--classics", action="store_true", help="the classical methods too")
    parser.add_argument("--only", action="append", help="rows to measure, by name")
    parser.add_argument("--side", type=int, default=768, help="images are cut to this size from the upper left")
    given = parser.parse_args()
    specs = [EnhancerSpec.parse(text) for text in given.specs or ["student:profile=deblur"]]
    images = [opened(file, given.side) for folder in given.folders for file in files(folder)]
    first = True
    for cell in CELLS:
        if given.only and cell.name not in given.only:
            continue
        before, gains = row(cell, images, specs, given.told, given.classics)
        if first:
            names = list(gains)
            print(
                f"{len(images)} images\n\n| degradation | input | {' | '.join(names)} |\n|{'---|' * (len(names) + 2)}"
            )
            first = False
        figures = " | ".join(f"{gain:+.2f}" if gain is not None else "" for gain in gains.values())
        print(f"| {cell.name} | {before:.2f} | {figures} |", flush=True)


def row(
    cell: Cell, images: Sequence[Image], specs: Sequence[EnhancerSpec], told: bool, classics: bool
) -> tuple[float, dict[str, float | None]]:
    """Mean PSNR of the degraded images, and the mean gain by name; None where a method cannot be asked."""
    before, gains = [], {}
    for reference in images:
        degraded = cell.chain(reference.pixels)
        level = decibels(degraded, reference.pixels)
        before.append(level)
        results = dict(classical(cell, degraded)) if classics else {}
        for spec in specs:
            results[spec.label] = _enhanced(spec, degraded)
            if told:
                results[f"{spec.label}, told"] = _enhanced(spec, degraded, cell.told) if cell.told else None
        for name, result in results.items():
            gain = None if result is None else decibels(result, reference.pixels) - level
            gains.setdefault(name, []).append(gain)
    means = {name: None if None in values else fmean(values) for name, values in gains.items()}
    return fmean(before), best(means)


def best(means: dict[str, float | None]) -> dict[str, float | None]:
    """The settings of a classical method that were tried, as the best of them."""
    kept = {name: value for name, value in means.items() if not name.startswith(tuple(BEST.values()))}
    out = {}
    for name, value in kept.items():
        out[name] = value
        if f"best {name}" in BEST:
            tried = [mean for key, mean in means.items() if key.startswith(BEST[f"best {name}"]) and mean is not None]
            out[f"best {name}"] = max(tried) if tried else None
    return out


def classical(cell: Cell, degraded: Pixels) -> Iterator[tuple[str, Pixels | None]]:
    """Unsharp masks and deconvolutions, by name."""
    image = PILImage.fromarray(degraded)
    yield "unsharp", np.asarray(image.filter(ImageFilter.UnsharpMask(1, 60, 0)))
    for radius, percent in UNSHARP:
        yield f"unsharp {radius} {percent}", np.asarray(image.filter(ImageFilter.UnsharpMask(radius, percent, 0)))
    yield "RL", deconvolved(degraded, USUAL_RL, 10)
    for count in ITERATIONS:
        yield f"RL {count}", deconvolved(degraded, cell.chain.blur, count) if cell.chain.blur else None


def deconvolved(degraded: Pixels, blur: Blur, iterations: int) -> Pixels:
    """Luma by Richardson-Lucy (scikit-image) on mirrored borders; what it changes is added to each channel."""
    kernel = blur.kernel()
    wide = len(kernel)
    luma = degraded.astype(float) @ [0.299, 0.587, 0.114] / 255
    padded = np.pad(luma, wide, mode="symmetric")
    result = richardson_lucy(padded, kernel, num_iter=iterations)[wide:-wide, wide:-wide]
    change = 255 * (result - luma)[..., None]
    return np.rint(degraded + change).clip(0, 255).astype(np.uint8)


def _enhanced(spec: EnhancerSpec, degraded: Pixels, told: Mapping[str, Any] = MappingProxyType({})) -> Pixels:
    options = {**dict(spec.options), **told}
    enhancer = create_enhancer(spec.name, options)
    return sharpen(Image(degraded, "RGB"), enhancer).pixels


def decibels(result: Pixels, reference: Pixels) -> float:
    """PSNR of luma, at most MOST_DB."""
    value = psnr(measured(result, "y"), measured(reference, "y"))
    return min(value, MOST_DB) if not math.isinf(value) else MOST_DB


def files(folder: str) -> list[Path]:
    """The images of FOLDER, or of FOLDER:N every Nth."""
    name, _, every = folder.partition(":")
    return sorted(Path(name).glob("*.*"))[:: int(every or 1)]


def opened(file: Path, side: int) -> Image:
    """The image as RGB, cut so that every scale above fits."""
    pixels = from_pil(PILImage.open(file).convert("RGB"))
    height, width = (min(length, side) // 12 * 12 for length in pixels.shape[:2])
    return Image(np.ascontiguousarray(pixels[:height, :width]), "RGB")


if __name__ == "__main__":
    main()
