"""Which enhancer with which options: as a text, as an object to run, and as what results were made with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.pipeline.guard import weight_files
from sharpcli.plugin.cards import digest
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.registry import load_registry


@dataclass(frozen=True)
class EnhancerSpec:
    """An enhancer's name and those of its options that are not left at their defaults, as texts."""

    name: str
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `NAME` or `NAME:OPTION=VALUE,OPTION=VALUE` asks for; raises SharpError for anything else."""
        name, _, settings = text.strip().partition(":")
        pairs = [setting.partition("=") for setting in settings.split(",") if setting]
        options = tuple((key.strip(), value.strip()) for key, _, value in pairs)
        if not (name and all(key and value for key, value in options)):
            raise SharpError(f"invalid enhancer {text!r}; use NAME or NAME:OPTION=VALUE,OPTION=VALUE")
        if len(dict(options)) < len(options):
            raise SharpError(f"{text!r} gives an option twice")
        return cls(name, options)

    @property
    def label(self) -> str:
        """What a table calls it: `student INT8`."""
        words = [value.upper() if name == "precision" else f"{name}={value}" for name, value in self.options]
        return " ".join([self.name, *words])

    @property
    def text(self) -> str:
        """How the command line addresses it: `student:precision=int8`."""
        settings = ",".join(f"{name}={value}" for name, value in self.options)
        return f"{self.name}:{settings}" if settings else self.name

    def same(self, other: EnhancerSpec) -> bool:
        """Whether it is the same enhancer with the same options, in whatever order."""
        return (self.name, frozenset(self.options)) == (other.name, frozenset(other.options))

    def create(self, upscale: float = 1) -> Enhancer:
        """The enhancer itself, for images that are enlarged so many times first; raises SharpError."""
        return create_enhancer(self.name, dict(self.options), upscale)


C = TypeVar("C", bound=EnhancerSpec)


def distinct(specs: Iterable[C]) -> tuple[C, ...]:
    """All of them; raises SharpError when two are the same."""
    given = tuple(specs)
    if len({(spec.name, frozenset(spec.options)) for spec in given}) < len(given):
        raise SharpError("the same enhancer with the same options was given twice")
    return given


def ready() -> tuple[tuple[EnhancerSpec, ...], tuple[str, ...]]:
    """All enhancers that are installed, with their defaults; and what those lack that need more, such as a file."""
    found, lacking = [], []
    for spec in map(EnhancerSpec, sorted(load_registry().found)):
        try:
            weight_files(spec.create())
            found.append(spec)
        except SharpError as error:
            lacking.append(str(error))
    return tuple(found), tuple(lacking)


def create_enhancer(name: str, settings: Mapping[str, Any], upscale: float = 1) -> Enhancer:
    """The enhancer of that name with options from texts or values; raises SharpError naming what exists.

    An upscale by N picks the profile `xN` where the enhancer has one and none was asked for: the tool does the
    enlarging itself, so the degradation is known exactly.
    """
    cls = load_registry().get(name)
    known = {declared.name: declared.choices for declared in cls.options()}
    exact = f"x{upscale:g}"
    if upscale != 1 and "profile" not in settings and exact in known.get("profile", ()):
        settings = {**settings, "profile": exact}
    return cls.create(settings)


def describe_enhancer(enhancer: Enhancer) -> dict[str, Any]:
    """What makes an enhancer's results what they are: name, options, SHA-256 of its weights and of a loose file."""
    options = {declared.name: getattr(enhancer, declared.name) for declared in enhancer.options()}
    weights = {path.name: digest(path) for path in weight_files(enhancer)}
    description = {"enhancer": enhancer.name, "options": options, "weights": weights}
    if enhancer.origin and enhancer.origin.file:
        # A loose file changes from one run to the next, and results of both must not end in one folder.
        try:
            description["plugin"] = hashlib.sha256(Path(enhancer.origin.file).read_bytes()).hexdigest()
        except OSError as error:
            file = shown(enhancer.origin.file)
            raise SharpError(f"plugin file {file} cannot be read any more ({error.strerror or error})") from error
    return description
