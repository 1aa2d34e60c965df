"""What programs may set, whichever way they ask: names, defaults, bounds and help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sharpcli.errors import SharpError
from sharpcli.files.formats import OFFERED
from sharpcli.pipeline.strength import MAX_STRENGTH
from sharpcli.plugin.enhancer import Option

TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


@dataclass(frozen=True)
class Parameter:
    """A value that an endpoint takes, declared like an enhancer's option; an optional one may be left at None."""

    option: Option
    optional: bool = False

    def schema(self) -> dict[str, Any]:
        """Its JSON schema: the type, or the choices."""
        declared = self.option
        return {"enum": list(declared.choices)} if declared.choices else {"type": TYPES[type(declared.default)]}

    def value(self, given: Any) -> Any:
        """What was given, once it is right; raises SharpError."""
        if given is None and self.optional:
            return None
        value = self.option.parse(given)
        self.option.check(value)
        return value


ENHANCE = (
    Parameter(Option("enhancer", "student", "name of an enhancer; see /enhancers")),
    Parameter(Option("upscale", 1.0, "factor to enlarge by, by bicubic interpolation, before enhancing", 1, 8)),
    Parameter(
        Option("strength", 1.0, "0 = the (enlarged) input, 1 = the result, 2 = twice the change", 0, MAX_STRENGTH)
    ),
    Parameter(
        Option("format", "png", "file format of the result; none: that of the image", choices=tuple(OFFERED)),
        True,
    ),
    Parameter(
        Option("quality", 95, "of JPEG, WebP and AVIF; none: that of the input JPEG, otherwise 95; AVIF 90", 1, 100),
        True,
    ),
    Parameter(Option("strip", False, "remove EXIF, XMP, IPTC, text and print size; the colour profile is kept")),
)
SCORE = (Parameter(Option("convention", "rgb", "how scores are computed", choices=("rgb", "y", "papers"))),)


def checked(parameters: Sequence[Parameter], *given: Any) -> dict[str, Any]:
    """The values by name; raises SharpError for the first that is wrong."""
    return {one.option.name: one.value(value) for one, value in zip(parameters, given, strict=True)}


def names(given: Any, name: str) -> tuple[str, ...]:
    """The names that were given, none for None; raises SharpError for anything else."""
    if given is None:
        return ()
    if not (isinstance(given, list) and all(isinstance(one, str) for one in given)):
        raise SharpError(f"{name} must be a list of names, not {given!r}")
    return tuple(given)
