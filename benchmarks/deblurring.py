"""Measures what enhancers and classical methods give back of blurred, noisy, enlarged and compressed images.

`python benchmarks/deblurring.py FOLDER[:N]... [-e student:profile=deblur ...]` degrades the sharp images of the
folders by each row of CELLS, restores them, and prints one Markdown table: luma PSNR of the degraded image in dB
(convention y), and the gain over it. Beside enhancers, to whom nothing is said about an image:

- *unsharp*: an unsharp mask of radius 1 and 60 %, whatever the image; *best unsharp*: the best of 12 settings a row;
- *RL*: Richardson-Lucy with a Gaussian of 1 px and 10 iterations; *best RL*: with the kernel that really blurred, and
  the best of three numbers of iterations a row, which is knowledge that nobody has.

`--told` runs the enhancers once more with kind, size, light and noise given as options, where a row and they have them.
`--plugin` loads enhancers from a file: `-e polyblur --plugin plugins/examples/sharpcli-polyblur/sharpcli_polyblur.py`.

`--metrics` prints the same rows by SSIM and MS-SSIM (convention y), and *sharpness recovered*: the share of the
reference's sharpness that was lost and came back, where sharpness is the mean magnitude of luma's gradient:
(result - degraded) / (reference - degraded). 0 % is as soft as the degraded image, 100 % as crisp as the reference, and
more is over-sharpened: halos, or noise, which has gradients too. It is blank where the degraded images are not softer
than the references by at least 2 %. What is best in hindsight is the best by PSNR in every table.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from classics import best, classical
from figures import CONVENTION, SHARPNESS, TITLES, Figures, Row, figures, header, line, means, sharpness
from PIL import Image as PILImage

from sharpcli.errors import ImageError, SharpError
from sharpcli.image.degradation.blur import Blur
from sharpcli.image.degradation.chain import Chain
from sharpcli.image.image import Image, Pixels, from_pil
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import EnhancerSpec, create_enhancer
from sharpcli.plugin.metric import Metric
from sharpcli.plugin.registry import load_registry
from sharpcli.plugin.sources import of_file
from sharpcli.scoring.score import check_size, chosen_metrics


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
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER[:N]", help="sharp images; with :N, every Nth")
    parser.add_argument("-e", "--enhancer", action="append", dest="specs", metavar="NAME:KEY=VALUE")
    parser.add_argument("--plugin", action="append", default=[], type=Path, metavar="FILE.py", help="see above")
    parser.add_argument("--told", action="store_true")
    parser.add_argument("--classics", action="store_true", help="the classical methods too")
    parser.add_argument("--metrics", action="store_true", help="tables of SSIM, MS-SSIM and sharpness recovered too")
    parser.add_argument("--only", action="append", help="rows to measure, by name")
    parser.add_argument("--side", type=int, default=768, help="images are cut to this size from the upper left")
    given = parser.parse_args()
    try:
        tables(given)
    except SharpError as error:
        parser.error(str(error))


def tables(given: argparse.Namespace) -> None:
    """Print the table of PSNR row by row, and those of the other metrics when all is measured."""
    for file in given.plugin:
        load_registry().add(of_file(file))
    specs = [EnhancerSpec.parse(text) for text in given.specs or ["student:profile=deblur"]]
    metrics = chosen_metrics(["psnr", "ssim", "ms-ssim"] if given.metrics else ["psnr"])
    images = [_fit(file, given.side, metrics) for folder in given.folders for file in files(folder)]
    rows: list[Row] = []
    for cell in CELLS:
        if given.only and cell.name not in given.only:
            continue
        rows.append(row(cell, images, specs, metrics, given.told, given.classics))
        if len(rows) == 1:
            print(f"{len(images)} images\n\n{header(rows[0].results)}")
        print(line(rows[-1], "psnr"), flush=True)
    if given.metrics and rows:
        for metric, title in TITLES.items():
            print(f"\n{title}:\n\n{header(rows[0].results)}", *(line(one, metric) for one in rows), sep="\n")


def row(
    cell: Cell,
    images: Sequence[Image],
    specs: Sequence[EnhancerSpec],
    metrics: Sequence[Metric],
    told: bool,
    classics: bool,
) -> Row:
    """The mean figures of degraded images and of what each method makes of them."""
    before: list[Figures] = []
    peers: dict[str, list[Figures | None]] = {}
    after: dict[str, list[Figures | None]] = {}
    for image in images:
        degraded = cell.chain(image.pixels)
        measure = partial(_figures, reference=image.pixels, metrics=metrics)
        before.append(figures(degraded, image.pixels, metrics))
        for name, result in classical(cell.chain.blur, degraded) if classics else ():
            peers.setdefault(name, []).append(measure(result))
        for spec in specs:
            after.setdefault(spec.label, []).append(measure(_enhanced(spec, degraded)))
            if told and _can_be_told(spec):
                result = _enhanced(spec, degraded, cell.told) if cell.told else None
                after.setdefault(f"{spec.label}, told", []).append(measure(result))
    crisp = means({SHARPNESS: sharpness(image.pixels)} for image in images)
    return Row(cell.name, crisp, means(before), {**best(_means(peers)), **_means(after)})


def _figures(result: Pixels | None, reference: Pixels, metrics: Sequence[Metric]) -> Figures | None:
    return None if result is None else figures(result, reference, metrics)


def _means(after: Mapping[str, Sequence[Figures | None]]) -> dict[str, Figures | None]:
    """The means by method, None where one could not be asked."""
    known = {name: [one for one in each if one is not None] for name, each in after.items()}
    return {name: means(each) if each else None for name, each in known.items()}


def _can_be_told(spec: EnhancerSpec) -> bool:
    return "kind" in {declared.name for declared in load_registry().get(spec.name).options()}


def _enhanced(spec: EnhancerSpec, degraded: Pixels, told: Mapping[str, Any] = MappingProxyType({})) -> Pixels:
    options = {**dict(spec.options), **told}
    enhancer = create_enhancer(spec.name, options)
    return sharpen(Image(degraded, "RGB"), enhancer).pixels


def files(folder: str) -> list[Path]:
    """The images of FOLDER, or of FOLDER:N every Nth."""
    name, _, every = folder.partition(":")
    return sorted(Path(name).glob("*.*"))[:: int(every or 1)]


def opened(file: Path, side: int) -> Image:
    """The image as RGB, cut so that every scale above fits."""
    pixels = from_pil(PILImage.open(file).convert("RGB"))
    height, width = (min(length, side) // 12 * 12 for length in pixels.shape[:2])
    return Image(np.ascontiguousarray(pixels[:height, :width]), "RGB")


def _fit(file: Path, side: int, metrics: Sequence[Metric]) -> Image:
    """The opened image; raises ImageError, which names the file, where it is too small for a metric."""
    image = opened(file, side)
    try:
        check_size(image.pixels, CONVENTION, metrics)
    except ImageError as error:
        raise ImageError(f"{file}: {error}") from error
    return image


if __name__ == "__main__":
    main()
