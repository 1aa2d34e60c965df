"""Compares several enhancers on one image, side by side and, if there is one, against a reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sharpcli.errors import ImageError
from sharpcli.image.crops import Place, most_different
from sharpcli.image.image import Image, Pixels
from sharpcli.pipeline.run import blend, timed
from sharpcli.pipeline.spec import EnhancerSpec
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.scoring.score import gain, rgb_of, score_pixels

METRICS = ("psnr", "ssim")


ROOM = 4e9
"""Most bytes of all results together, which are in memory at the same time."""


@dataclass(frozen=True)
class Enhanced:
    """What an enhancer made of an image, and the seconds that it took for that (see `timed`)."""

    label: str
    image: Image
    seconds: float


@dataclass(frozen=True)
class Candidate:
    """One column of a comparison: uint8 H x W x 3 as they are scored, the seconds of enhancing, and its scores."""

    label: str
    pixels: Pixels = field(repr=False)
    seconds: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    role: str = ""
    """What the column is, if no enhancer made it."""


@dataclass(frozen=True)
class Comparison:
    """The input (enlarged where asked for), what each enhancer made of it, and the reference, all of one size.

    `convention` is that of the scores, empty where there are none; `upscale` and `strength` are what the results were
    made with; `profile` is the input's RGB colour profile, by which all pixels are shown.
    """

    input: Candidate
    results: tuple[Candidate, ...]
    reference: Candidate | None = None
    convention: str = ""
    upscale: float = 1
    strength: float = 1
    profile: bytes = field(default=b"", repr=False)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """All columns: the input first, the reference last."""
        return (self.input, *self.results, *([self.reference] if self.reference else []))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.input.pixels.shape[:2]
        return width, height

    def rows(self) -> list[dict[str, Any]]:
        """The figures of the input and each result: candidate, ms, and with scores psnr, ssim and the gains."""
        columns = [*METRICS, *(f"gain_{metric}" for metric in METRICS)] if self.convention else []
        return [
            {
                "candidate": one.label,
                "ms": None if one.seconds is None else 1000 * one.seconds,
                **{column: one.scores.get(column) for column in columns},
            }
            for one in (self.input, *self.results)
        ]


def sharpened(before: Image, specs: Iterable[tuple[EnhancerSpec, Enhancer]], strength: float = 1) -> Iterator[Enhanced]:
    """What each makes of an image that is enlarged already, one after the other. Raises SharpError."""
    for spec, enhancer in specs:
        after, seconds = timed(before, enhancer)
        yield Enhanced(spec.label, blend(before, after, strength), seconds)


def check_memory(pixels: float, results: int) -> None:
    """Raise ImageError if that many results of an image do not fit in ROOM."""
    if (room := 3 * pixels * (results + 3)) > ROOM:
        raise ImageError(
            f"needs {room / 1e9:.0f} GB to compare {results} enhancers, and the limit is {ROOM / 1e9:.0f} GB; "
            "compare fewer, or a part of the image"
        )


def lined_up(
    before: Image, results: Iterable[Enhanced], reference: Pixels | None = None, upscale: float = 1, strength: float = 1
) -> Comparison:
    """The comparison, not yet scored; `reference` is uint8 H x W x 3.

    Raises ImageError, before any result is asked for, when the reference is of another size than the input.
    """
    label = "input" if upscale == 1 else f"input enlarged {upscale:g}x"
    baseline = Candidate(label, rgb_of(before), role="baseline")
    if reference is not None and reference.shape != baseline.pixels.shape:
        sizes = [f"{pixels.shape[1]}x{pixels.shape[0]}" for pixels in (reference, baseline.pixels)]
        raise ImageError(f"the reference has {sizes[0]} pixels and the result {sizes[1]}; both need the same size")
    profile = before.metadata.get("icc_profile", b"")
    return Comparison(
        baseline,
        tuple(Candidate(result.label, rgb_of(result.image), result.seconds) for result in results),
        Candidate("reference", reference, role="the sharp original") if reference is not None else None,
        upscale=upscale,
        strength=strength,
        profile=profile if profile[16:20] == b"RGB " else b"",
    )


def scored(comparison: Comparison, convention: str) -> Comparison:
    """The same with PSNR, SSIM and the gains over the input, where there is a reference; raises ImageError."""
    if comparison.reference is None:
        return comparison
    original = comparison.reference.pixels
    own = [score_pixels(one.pixels, original, convention) for one in (comparison.input, *comparison.results)]
    gains = [{f"gain_{metric}": gain(score[metric], own[0][metric]) for metric in METRICS} for score in own[1:]]
    return with_scores(comparison, convention, [own[0], *(a | b for a, b in zip(own[1:], gains, strict=True))])


def with_scores(comparison: Comparison, convention: str, scores: Sequence[Mapping[str, float]]) -> Comparison:
    """The same with scores that are known already: those of the input and of each result."""
    results = zip(comparison.results, scores[1:], strict=True)
    return replace(
        comparison,
        input=replace(comparison.input, scores=scores[0]),
        results=tuple(replace(one, scores=score) for one, score in results),
        convention=convention,
    )


def most_changed(comparison: Comparison, side: int) -> Place:
    """The middle of the square in which the results differ most from the input, or of the image if nowhere."""
    return most_different([(result.pixels, comparison.input.pixels) for result in comparison.results], side)
