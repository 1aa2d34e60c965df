"""What is measured: an enhancer with its options, which is one row of a table wherever it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageFilter

from sharpcli.errors import SharpError
from sharpcli.image.image import Pixels, from_pil, to_pil
from sharpcli.pipeline.spec import EnhancerSpec, create_enhancer, distinct
from sharpcli.plugin.cards import Card, card_of
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.registry import load_registry

NETWORKS = ("student-live", "student", "teacher")
PRECISIONS = ("fp32", "int8")


class UnsharpMask(Enhancer):
    """What sharpening was before networks, and what each of them has to beat: Pillow's, radius 1, 60 %, threshold 0."""

    name = "unsharp mask"
    summary = "Pillow's unsharp mask"
    dtype = "uint8"

    def enhance(self, pixels: Pixels) -> Pixels:
        """Sharper pixels, uint8 H x W x 3."""
        return masked(pixels)


def masked(pixels: Pixels, radius: float = 1, percent: int = 60) -> Pixels:
    """Uint8 H x W x 3 pixels by Pillow's unsharp mask of threshold 0."""
    return from_pil(to_pil(pixels, "RGB").filter(ImageFilter.UnsharpMask(radius, percent, 0)))


@dataclass(frozen=True)
class Row(EnhancerSpec):
    """An enhancer as tables have it; it may be the input, too."""

    @property
    def precision(self) -> str | None:
        """The value of the option `precision`, None where it was not given."""
        return dict(self.options).get("precision")

    @property
    def exact(self) -> Row:
        """The same row in FP32, which is itself where it has no precision."""
        return Row(self.name, tuple((name, "fp32" if name == "precision" else v) for name, v in self.options))

    @property
    def plain(self) -> Row:
        """The same row with the precision left open."""
        return Row(self.name, tuple(pair for pair in self.options if pair[0] != "precision"))

    def make(self, profile: str) -> Enhancer | None:
        """The enhancer, made for `profile` where it has profiles; None for the input. Raises SharpError."""
        if self == INPUT:
            return None
        if self == UNSHARP:
            return UnsharpMask()
        settings = dict(self.options)
        if profile in _choices(self.name, "profile"):
            settings.setdefault("profile", profile)
        return create_enhancer(self.name, settings)

    def weights(self, profile: str) -> Path | None:
        """The weights file that it runs: NAME-PROFILE.onnx, NAME-PROFILE-int8.onnx; None where it has no such file."""
        if self in (INPUT, UNSHARP):
            return None
        given = dict(self.options)
        wanted = {given.get("profile", profile), given.get("precision", "fp32")} - {"fp32"}
        for path in load_registry().get(self.name).weights():
            if set(re.split("[-._]", path.stem.removeprefix(f"{self.name}-"))) - {"fp32"} == wanted:
                return path
        return None

    def card(self, profile: str) -> Card | None:
        """The card of its weights, or of the FP32 ones they were made from; None where there are none.

        Raises SharpError for a card that says something in a way nobody can read.
        """
        path = self.weights(profile) or self.plain.weights(profile)
        return readable_card(path) if path else None


def readable_card(weights: Path) -> Card:
    """The card beside a weights file, which may leave out what it likes; raises SharpError for one that is damaged."""
    card = card_of(weights)
    if card.problems:
        raise SharpError(f"{weights}: {'; '.join(card.problems)}")
    return card


INPUT = Row("input")
UNSHARP = Row(UnsharpMask.name)


def rows_of(texts: Iterable[str]) -> tuple[Row, ...]:
    """The rows of `NAME` or `NAME:OPTION=VALUE,...`; a bare name with an option `precision` is one row a precision.

    Raises SharpError for an unknown enhancer, a malformed text, or the same row twice.
    """
    rows: list[Row] = []
    for row in map(Row.parse, texts):
        both = set(PRECISIONS) <= set(_choices(row.name, "precision")) and row.precision is None
        rows += [Row(row.name, (*row.options, ("precision", p))) for p in PRECISIONS] if both else [row]
    return distinct(rows)


def names_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """The enhancers' names, each once."""
    return tuple(dict.fromkeys(row.name for row in rows))


def _choices(name: str, wanted: str) -> tuple[str, ...]:
    return next((o.choices for o in load_registry().get(name).options() if o.name == wanted), ())
