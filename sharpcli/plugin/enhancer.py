"""What the author of an enhancer meets: `Enhancer` and `option()`; `pipeline/guard.py` holds it to what it says."""

# NumPy is imported inside functions only: listing what is installed must answer at once.
from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, dataclass_transform

from sharpcli.errors import SharpError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sharpcli.plugin.sources import Origin


@dataclass(frozen=True)
class Option:
    """One setting of an enhancer, as front ends show it."""

    name: str
    default: Any
    help: str
    min: float | None = None
    max: float | None = None
    choices: tuple[str, ...] = ()
    kind: Literal["value", "path"] = "value"
    """`path` names a file of the machine that the enhancer runs on, which a stranger must not choose."""

    def parse(self, given: Any) -> Any:
        """The value that a text stands for, of the default's type; other values are only checked. Raises SharpError."""
        kind = type(self.default)
        if not isinstance(given, str):
            if isinstance(given, bool):
                return given
            # A slider and JSON do not tell whole numbers from others.
            whole = kind is int and isinstance(given, float) and given.is_integer()
            return int(given) if whole else float(given) if kind is float and isinstance(given, int) else given
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        try:
            return words[given.lower()] if kind is bool else kind(given)
        except (KeyError, ValueError) as error:
            raise SharpError(f"option {self.name} must be {self.expected()}, not {given!r}") from error

    def check(self, value: Any) -> None:
        """Raise SharpError unless `value` is of the default's type and within the bounds."""
        kind = type(self.default)
        fits = isinstance(value, (int, float)) if kind is float else isinstance(value, kind)
        fits = fits and (kind is bool or not isinstance(value, bool))
        fits = fits and not (isinstance(value, float) and not math.isfinite(value))
        fits = fits and (not self.choices or value in self.choices)
        fits = fits and (self.min is None or value >= self.min) and (self.max is None or value <= self.max)
        if not fits:
            raise SharpError(f"option {self.name} must be {self.expected()}, not {value!r}")

    def expected(self) -> str:
        """The allowed values in words."""
        if self.choices:
            return " or ".join(self.choices)
        if self.kind == "path":
            return "a path"
        kind = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}[type(self.default)]
        bounds = [f"at least {self.min:g}"] if self.min is not None else []
        bounds += [f"at most {self.max:g}"] if self.max is not None else []
        return " ".join([kind, " and ".join(bounds)]).strip()


def option(
    default: Any,
    help: str,
    *,
    min: float | None = None,
    max: float | None = None,
    choices: tuple[str, ...] = (),
    kind: Literal["value", "path"] = "value",
) -> Any:
    """Declare one of an enhancer's options, which is a field of its class, with help, bounds or choices.

    One that names a file is a text of kind `path`: on a page that others reach, only its operator may set it.
    """
    metadata = {"help": help, "min": min, "max": max, "choices": choices, "kind": kind}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Cost:
    """What a network costs: its numbers, and thousands of multiply-adds for each output pixel; None is not known."""

    parameters: int | None = None
    kmac_per_pixel: float | None = None


@dataclass_transform(frozen_default=True, field_specifiers=(option, dataclasses.field))
@dataclass(frozen=True)
class Enhancer:
    """Turns blurry pixels into sharp ones of the same size; a subclass is a frozen dataclass whose fields are options.

    `receptive_radius`, `tile_multiple`, `max_tile` and `bytes_per_pixel` may be properties, where the options decide;
    with the defaults they must answer.
    Raises SharpError on construction when an option's value is not allowed.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    color: ClassVar[Literal["rgb", "luma", "any"]] = "rgb"
    """`rgb` is given H x W x 3, `luma` H x W x 1 while chroma passes by untouched, `any` either, as the image is."""
    dtype: ClassVar[Literal["float32", "uint8", "any"]] = "float32"
    """`float32` in [0, 1], `uint8`, or `any` of the two as the image has it."""
    receptive_radius: ClassVar[int | None] = None
    """Receptive-field radius in pixels: what an output pixel depends on; None needs the whole image at once."""
    tile_multiple: ClassVar[int] = 1
    """Tiles start at multiples of this, for enhancers that shrink their input on the way."""
    max_tile: ClassVar[int] = 1024
    """Largest side of a tile: bounds the memory of enhancers that have a receptive radius."""
    bytes_per_pixel: ClassVar[int] = 100
    """Bytes of memory that `enhance` needs for each pixel it is given: decides on the tiles that a ceiling allows."""
    origin: ClassVar[Origin | None] = None
    """Where it came from; the registry knows."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True)(cls)

    def __post_init__(self) -> None:
        for declared in self.options():
            declared.check(getattr(self, declared.name))

    def enhance(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Sharper pixels of the same shape and dtype; must be safe to call from several threads.

        `pixels` cannot be written to: they are also what the result is blended with.
        """
        raise NotImplementedError

    def for_image(self, pixels: NDArray[Any]) -> Enhancer:
        """The enhancer to run on an image, asked once before it is cut into tiles; must depend on nothing else.

        `pixels` are all of H x W x C, C 1 or 3, as the image has them, before any conversion to `color` or `dtype`.
        """
        return self

    def for_frames(self, pixels: NDArray[Any]) -> Enhancer:
        """The enhancer to run on all frames of a clip, one of which is shown; must give the pixels of `for_image`."""
        return self.for_image(pixels)

    def for_stream(self, bits_per_pixel: float) -> Enhancer:
        """The enhancer for a clip that is coded with so many bits a pixel, asked before `for_frames`."""
        return self

    def finding(self) -> str:
        """What `for_image` found out about the image, in a few words for reports; empty where nothing is to be said."""
        return ""

    def for_this_machine(self) -> Enhancer:
        """The same with every choice made that depends on this machine, so that all machines of a batch do the same."""
        return self

    def with_threads(self, threads: int) -> Enhancer:
        """The same, prepared to be called by so many threads at a time; must give the same pixels."""
        return self

    def weight_files(self) -> tuple[Path, ...]:
        """The weights files that these options may load."""
        return self.weights()

    def free_memory(self) -> None:
        """Give back memory that is kept only to make the next call quicker; nothing is being enhanced meanwhile."""

    def device(self) -> str:
        """Where it computes, as its engine names it: `cpu`, `cuda:0`."""
        return "cpu"

    def cost(self) -> Cost | None:
        """What it costs, where the cards of the weights that it uses do not say so."""
        return None

    @classmethod
    def options(cls) -> tuple[Option, ...]:
        """The options in the order they were declared; a field without `option()` is the enhancer's own business."""
        return tuple(Option(f.name, f.default, **f.metadata) for f in dataclasses.fields(cls) if f.metadata)

    @classmethod
    def weights(cls) -> tuple[Path, ...]:
        """The weights files this enhancer may load, each with a `.json` card of the same stem beside it."""
        return ()

    @classmethod
    def create(cls, settings: Mapping[str, Any]) -> Enhancer:
        """An instance from option texts or values (`{"amount": "0.5"}`); raises SharpError for names and values."""
        known = {declared.name: declared for declared in cls.options()}
        for name in settings:
            if name not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise SharpError(f"enhancer {cls.name} has no option {name!r}; {has}")
        return cls(**{name: known[name].parse(given) for name, given in settings.items()})
