"""A weights file's card: the JSON beside it that says what the weights are, what made them and how well they do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sharpcli.errors import SharpError

Metrics = Mapping[str, float | None]
"""Figures by the name of the metric; None is a PSNR without limit, that of identical images."""


@dataclass(frozen=True)
class CardRow:
    """The figures for one data set or one degradation; `input` is empty where the card does not give it."""

    name: str
    result: Metrics
    input: Metrics


@dataclass(frozen=True)
class Scores:
    """One table of a card."""

    name: str
    convention: str
    rows: tuple[CardRow, ...]


@dataclass(frozen=True)
class Card:
    """What a card says; None or empty is what it leaves out, and `problems` what it says in a way nobody can read."""

    sha256: str | None = None
    bytes: int | None = None
    weights: str | None = None
    """The type of the numbers in the file: float32, float16 or int8."""
    parameters: int | None = None
    kmac_per_pixel: float | None = None
    licence: str | None = None
    trained_on: Mapping[str, int] = field(default_factory=dict)
    """How many images of each data set."""
    scores: tuple[Scores, ...] = ()
    problems: tuple[str, ...] = ()


def read_card(weights: Path) -> dict[str, Any]:
    """The content of the card beside a weights file; raises SharpError when it is missing or damaged."""
    card = weights.with_suffix(".json")
    if not card.is_file():
        raise SharpError(f"the card {card.name} is missing; install its package again")
    try:
        # A figure that came out as no number is written as NaN, which is no JSON: it counts as not given.
        content: Any = json.loads(card.read_text(encoding="utf-8"), parse_constant=lambda _: None)
    except OSError as error:
        raise SharpError(f"the card {card.name} cannot be read ({error.strerror or error})") from error
    except (ValueError, RecursionError) as error:
        raise SharpError(f"the card {card.name} is not valid JSON; install its package again") from error
    if not isinstance(content, dict):
        raise SharpError(f"the card {card.name} is not a JSON object; install its package again")
    return content


def checked_card(weights: Path) -> dict[str, Any]:
    """The content of the card beside a weights file; raises SharpError unless that is the file it describes."""
    own = digest(weights)
    content = read_card(weights)
    if own != content.get("sha256"):
        raise SharpError(f"weights file {weights} is not the one its card describes; install its package again")
    return content


def digest(weights: Path) -> str:
    """The SHA-256 of a weights file; raises SharpError when it is missing or closed to us."""
    try:
        return hashlib.sha256(weights.read_bytes()).hexdigest()
    except FileNotFoundError as error:
        raise SharpError(f"weights file {weights} is missing; install its package again") from error
    except OSError as error:
        raise SharpError(f"weights file {weights} cannot be read ({error.strerror or error})") from error


def card_of(weights: Path) -> Card:
    """The card beside a weights file as far as it can be read; what is wrong with it is among its problems."""
    try:
        content = read_card(weights)
    except SharpError as error:
        return Card(problems=(str(error),))
    problems: list[str] = []

    def stated(name: str, kind: str) -> Any:
        value = content.get(name)
        if value is None or _is(value, kind):
            return value
        problems.append(f"the card's {name} is not {kind}")
        return None

    return Card(
        sha256=stated("sha256", "text"),
        bytes=stated("bytes", "a whole number"),
        weights=stated("weights", "text"),
        parameters=stated("parameters", "a whole number"),
        kmac_per_pixel=stated("kmac_per_pixel", "a number"),
        licence=stated("licence", "text"),
        trained_on=_trained_on(content, problems),
        scores=_scores(content, problems),
        problems=tuple(problems),
    )


def _is(value: Any, kind: str) -> bool:
    if kind == "text":
        return isinstance(value, str)
    numbers = int if kind == "a whole number" else (int, float)
    # Also leaves out infinity, and numbers so long that they could not be shown as anything.
    return isinstance(value, numbers) and not isinstance(value, bool) and abs(value) < 1e18


def _or_nothing(value: Any) -> Any:
    """An object that is left out, or given as null, is empty."""
    return {} if value is None else value


def _trained_on(content: Mapping[str, Any], problems: list[str]) -> dict[str, int]:
    """The images of each data set, which `train prepare` counts and `train export` writes into the card."""
    inner: Any = content
    for name in ("training", "pack", "folders"):
        inner = _or_nothing(inner.get(name))
        if not isinstance(inner, dict):
            problems.append(f"the card's {name} is not a JSON object")
            return {}
    if not all(_is(count, "a whole number") for count in inner.values()):
        problems.append("the card's folders must map to numbers of images")
        return {}
    return dict(inner)


def _scores(content: Mapping[str, Any], problems: list[str]) -> tuple[Scores, ...]:
    """The tables whose form is right; the others are named among the problems."""
    tables = _or_nothing(content.get("scores"))
    if not isinstance(tables, dict):
        problems.append("the card's scores are not a JSON object")
        return ()
    right = []
    for name, table in tables.items():
        try:
            inputs = _or_nothing(table.get("input"))
            rows = (
                CardRow(row, _metrics(figures), _metrics(_or_nothing(inputs.get(row))))
                for row, figures in table["result"].items()
            )
            if not isinstance(table["convention"], str):
                raise TypeError
            right.append(Scores(name, table["convention"], tuple(rows)))
        except (AttributeError, KeyError, TypeError):
            problems.append(f"the card's scores {name!r} have an invalid form")
    return tuple(right)


def _metrics(figures: Mapping[str, Any]) -> Metrics:
    if not all(value is None or _is(value, "a number") for value in figures.values()):
        raise TypeError
    return dict(figures)
