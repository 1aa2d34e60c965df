"""Measures how well the estimator sees what images went through, and what a network gains less for not knowing it.

`python benchmarks/estimation.py FOLDER[:N]... [-e student ...]` degrades the sharp images of the folders by each row of
the wide grid, as `sharpcli train evaluate --wide` does, and prints three Markdown tables:

1. for each row what was done, and what was found as the application decides it: the share of images by kind of blur;
   the median size and the median of its relative error; noise (standard deviation of each channel), quality of a JPEG
   (`early`: before an enlargement) and enlargement, each as the share of images in which it was found and the median
   there; the share for which light was decided rightly. Size and light are those of images whose kind was right;
2. the kinds of blur found (columns) in all images of each true kind (rows), in per cent;
3. the gain in dB over the degraded image (PSNR of luma, convention y) with what was found, with the true degradation,
   and the difference, which is what not knowing costs.

No vector says WebP, so to the networks an image that only went through WebP is one that nothing happened to.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median

import numpy as np
from truth import true_degradation

from sharpcli.errors import SharpError
from sharpcli.image.image import Pixels
from sharpcli.inference.conditioned import LUMA_NOISE, ConditionedEnhancer
from sharpcli.inference.degradation import KINDS, LIKELY, Degradation
from sharpcli.inference.estimator import estimate
from sharpcli.pipeline.spec import EnhancerSpec, create_enhancer
from sharpcli_training.evaluation.wide.cells import CELLS, Cell
from sharpcli_training.evaluation.wide.figures import decibels
from sharpcli_training.evaluation.wide.references import read_references

ALL_KINDS = ("none", *KINDS)
SEEN = (
    *("degradation", *(f"{kind}, %" for kind in ALL_KINDS), "size, px", "found", "error, %", "noise", "found"),
    *("JPEG", "found", "enlarged", "found", "light right, %"),
)
Gains = Mapping[str, tuple[float, float]]
"""By enhancer: mean gain in dB when told what was found, and when told the truth."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER[:N]", help="sharp images; with :N, every Nth")
    parser.add_argument("-e", "--enhancer", action="append", dest="specs", metavar="NAME:KEY=VALUE")
    names = [cell.name for cell in CELLS]
    parser.add_argument("--only", action="append", choices=names, metavar="ROW", help="rows to measure, by name")
    parser.add_argument("--side", type=int, default=768, help="images are cut to this size from the upper left")
    given = parser.parse_args()
    try:
        enhancers = dict(map(told_by_vector, given.specs or ["student"]))
        images = [image for folder in given.folders for image in read_references(folder, given.side)]
    except SharpError as error:
        parser.error(str(error))
    print(f"{len(images)} images\n\n{heading(SEEN)}")
    kinds: Counter[tuple[str, str]] = Counter()
    costs = []
    for cell in CELLS:
        if cell.name not in (given.only or names):
            continue
        found, before, gains = measured_row(cell, images, enhancers)
        truth = true_degradation(cell.chain)
        print(line(cell.name, *seen(truth, found)), flush=True)
        kinds.update((truth.kind, one.kind) for one in found)
        costs.append(line(cell.name, f"{before:.2f}", *cost(gains)))
    print("\n" + heading(("kind", "images", *(f"found {kind}, %" for kind in ALL_KINDS))))
    print(*confusion(kinds), sep="\n")
    columns = [column for name in enhancers for column in (f"{name} found", "true", "lost")]
    print("\n" + heading(("degradation", "input", *columns)))
    print(*costs, sep="\n")


def told_by_vector(text: str) -> tuple[str, ConditionedEnhancer]:
    """An enhancer and its name in the tables; profile deblur if none is named. Raises SharpError."""
    spec = EnhancerSpec.parse(text)
    enhancer = create_enhancer(spec.name, {"profile": "deblur", **dict(spec.options)})
    if not (isinstance(enhancer, ConditionedEnhancer) and enhancer.conditioned):
        raise SharpError(f"{spec.label} cannot be told what happened to an image; use one with profile deblur")
    return spec.label, enhancer


def measured_row(
    cell: Cell, images: Sequence[Pixels], enhancers: Mapping[str, ConditionedEnhancer]
) -> tuple[list[Degradation], float, Gains]:
    """What was found in each image, the mean PSNR of the degraded images, and the gains."""
    truth, found, before = true_degradation(cell.chain), [], []
    gains: dict[str, list[tuple[float, ...]]] = {name: [] for name in enhancers}
    for reference in images:
        degraded = cell.chain(reference)
        found.append(estimate(degraded).decided())
        before.append(decibels(degraded, reference))
        for name, enhancer in enhancers.items():
            told = (enhancer.told(known, degraded) for known in (found[-1], truth))
            results = [decibels(one.enhance(degraded), reference) for one in told]
            gains[name].append(tuple(result - before[-1] for result in results))
    means = {name: (fmean(one[0] for one in pairs), fmean(one[1] for one in pairs)) for name, pairs in gains.items()}
    return found, fmean(before), means


def seen(truth: Degradation, found: Sequence[Degradation]) -> Iterator[str]:
    """A row of the first table without its name."""
    for kind in ALL_KINDS:
        yield percent(one.kind == kind for one in found)
    right = [one for one in found if one.kind == truth.kind != "none"]
    yield f"{truth.size:g}" if truth.size else ""
    yield f"{median(one.size for one in right):.2f}" if right else ""
    yield f"{median(100 * abs(one.size / truth.size - 1) for one in right):.0f}" if right else ""
    yield f"{truth.noise / LUMA_NOISE:g}" if truth.noise else ""
    yield _found(len(found), [one.noise / LUMA_NOISE for one in found if one.noise], ".1f")
    yield ", ".join(_jpegs(truth))
    jpeg = _found(len(found), [one.quality for one in found if one.jpeg >= LIKELY])
    early = [one.early_quality for one in found if min(one.resampled, one.early_jpeg) >= LIKELY]
    yield f"{jpeg}, early {_found(len(found), early)}" if early or truth.early_jpeg else jpeg
    yield f"{np.exp(truth.log_scale):g}" if truth.resampled else ""
    yield _found(len(found), [float(np.exp(one.log_scale)) for one in found if one.resampled >= LIKELY], ".2f")
    yield percent((one.linear > 0.5) == (truth.linear > 0.5) for one in right) if right else ""


def confusion(kinds: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """The rows of the second table, from how many images had each kind and were found to have each."""
    for kind in ALL_KINDS:
        counts = [kinds.get((kind, other), 0) for other in ALL_KINDS]
        if any(counts):
            yield line(kind, str(sum(counts)), *(f"{100 * count / sum(counts):.0f}" for count in counts))


def cost(gains: Gains) -> Iterator[str]:
    """A row of the third table without its name and input."""
    for found, true in gains.values():
        yield from (f"{value:+z.2f}" for value in (found, true, true - found))


def heading(columns: Sequence[str]) -> str:
    """The first two lines of a table."""
    return line(*columns) + "\n|" + "---|" * len(columns)


def line(*entries: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(entries)} |"


def percent(hits: Iterable[bool]) -> str:
    """The share that is true."""
    return f"{100 * fmean(hits):.0f}"


def _jpegs(truth: Degradation) -> Iterator[str]:
    if truth.jpeg:
        yield f"{truth.quality:g}"
    if truth.early_jpeg:
        yield f"early {truth.early_quality:g}"


def _found(count: int, values: Sequence[float], form: str = ".0f") -> str:
    """The share of `count` images that `values` were found in, and their median."""
    share = f"{100 * len(values) / count:.0f} %"
    return f"{share}: {median(values):{form}}" if values else share


if __name__ == "__main__":
    main()
