"""What is installed, as data: each enhancer with all that is known of it, and the plugins that do not work."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

from sharpcli.plugin.cards import Card, card_of
from sharpcli.plugin.enhancer import Enhancer, Option
from sharpcli.plugin.metric import Metric
from sharpcli.plugin.registry import Broken, Found, load_registry
from sharpcli.plugin.sources import Origin

OSI = "License :: OSI Approved :: "


@dataclass(frozen=True)
class Weights:
    """A weights file: its size on this disk, None where it is missing, and what its card says of it."""

    name: str
    bytes: int | None
    card: Card
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """An installed enhancer; `licence` is the weights', else the package's, or None where neither says one."""

    name: str
    summary: str
    origin: Origin
    licence: str | None
    color: str
    dtype: str
    receptive_radius: int | None
    options: tuple[Option, ...]
    weights: tuple[Weights, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Catalog:
    """The enhancers by name, and the plugins that were left out."""

    enhancers: tuple[Entry, ...]
    broken: tuple[Broken, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same for programs: what JSON can hold, an option's type and allowed values in words beside it."""
        enhancers = [
            asdict(entry) | {"options": [_option_as_dict(option) for option in entry.options]}
            for entry in self.enhancers
        ]
        return {"enhancers": enhancers, "broken": [asdict(broken) for broken in self.broken]}


def catalog() -> Catalog:
    """What is installed; loads neither NumPy nor a network. Raises SharpError for duplicate names."""
    registry = load_registry()
    return Catalog(tuple(_entry(found) for _, found in sorted(registry.found.items())), tuple(registry.broken))


@dataclass(frozen=True)
class MetricEntry:
    """An installed metric; `least` is the smallest side, in pixels, of what it can measure."""

    name: str
    summary: str
    unit: str
    higher_is_better: bool
    reference: bool
    color: str
    least: int
    origin: Origin | None


def metric_entries() -> list[MetricEntry]:
    """The installed metrics by name."""
    return [metric_entry(metric) for _, metric in sorted(load_registry().metrics.items())]


def metric_entry(cls: type[Metric]) -> MetricEntry:
    """What is known of a metric."""
    return MetricEntry(
        cls.name, cls.summary, cls.unit, cls.higher_is_better, cls.reference, cls.color, cls.least, cls.origin
    )


def _entry(found: Found) -> Entry:
    cls = found.enhancer
    weights, problems = weights_of(cls)
    licences = dict.fromkeys(file.card.licence for file in weights if file.card.licence)
    return Entry(
        cls.name,
        cls.summary,
        found.origin,
        ", ".join(licences) or _licence(found.origin.distribution),
        cls.color,
        cls.dtype,
        cls().receptive_radius,  # which a class may leave to its options
        cls.options(),
        weights,
        problems,
    )


def weights_of(cls: type[Enhancer]) -> tuple[tuple[Weights, ...], tuple[str, ...]]:
    """The weights files, and what went wrong when the plugin was asked for them."""
    try:
        return tuple(_file(Path(path)) for path in cls.weights()), ()
    except Exception as error:  # one plugin's mistake must not cost the user the list
        return (), (f"its weights cannot be listed: {type(error).__name__}: {' '.join(str(error).split())}",)


def _file(path: Path) -> Weights:
    card = card_of(path)
    size = path.stat().st_size if path.is_file() else None
    problems = list(card.problems)
    if size is None:
        problems.insert(0, "the file is missing; install its package again")
    elif card.bytes not in (None, size):
        problems.insert(0, f"the file has {size} bytes where its card says {card.bytes}; install its package again")
    return Weights(path.name, size, card, tuple(problems))


@lru_cache
def _licence(distribution: str | None) -> str | None:
    """The licence of an installed package, by the newest of the ways in which packages state it."""
    if distribution is None:
        return None
    stated = metadata(distribution)
    expression, older, classifiers = (
        stated.get_all(field) or [""] for field in ("License-Expression", "License", "Classifier")
    )
    names = [line.removeprefix(OSI) for line in classifiers if line.startswith(OSI)]
    # The older field may hold the whole text of a licence, whose first line names it.
    return expression[0] or older[0].strip().partition("\n")[0] or ", ".join(names) or None


def _option_as_dict(option: Option) -> dict[str, Any]:
    # No bound is what an infinite one means, and JSON has no infinity.
    plain = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in asdict(option).items()}
    return plain | {"type": type(option.default).__name__, "expected": option.expected()}
