"""Whether an enhancer's options are what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sharpcli.checks.check import Skip, check
from sharpcli.checks.subject import Failure, Subject, during
from sharpcli.errors import SharpError
from sharpcli.plugin.enhancer import Enhancer, Option
from sharpcli.plugin.failures import PluginError

SMALL = (24, 32)


def _options(subject: Subject) -> tuple[Option, ...]:
    if not subject.enhancer.options():
        raise Skip("it has none")
    return subject.enhancer.options()


@check("options")
def options(subject: Subject) -> str:
    """Each option has a help text and valid bounds, and its text form gives the same value."""
    for option in _options(subject):
        if not (isinstance(option.help, str) and option.help.strip()):
            raise Failure(f"option {option.name} has no help text")
        if option.min is not None and option.max is not None and option.min > option.max:
            raise Failure(f"option {option.name} has a min of {option.min:g} above its max of {option.max:g}")
        if option.kind == "path" and not isinstance(option.default, str):
            raise Failure(f"option {option.name} is a path and no text; only a str can be of kind path")
        if option.choices and not isinstance(option.default, str):
            raise Failure(f"option {option.name} has choices and is no text; only a str can have choices")
    texts = {option.name: str(getattr(subject.enhancer, option.name)) for option in subject.enhancer.options()}
    if _values(type(subject.enhancer).create(texts)) != _values(subject.enhancer):
        raise Failure(
            f"created from the texts {texts}, it has different values: {_values(type(subject.enhancer).create(texts))}"
        )
    return ", ".join(texts)


def _values(enhancer: Enhancer) -> dict[str, Any]:
    return {option.name: getattr(enhancer, option.name) for option in enhancer.options()}


@check("bounds")
def bounds(subject: Subject) -> str:
    """It runs at every bound and with every choice of its options, or explains why not, and rejects other values."""
    tried, words = 0, []
    for option in _options(subject):
        for value in allowed(option, getattr(subject.enhancer, option.name)):
            if note := _runs(subject, option.name, value):
                words.append(note)
            tried += 1
        for value in refused(option):
            try:
                replace(subject.enhancer, **{option.name: value})
            except SharpError:
                continue
            except Exception as error:
                raise Failure(
                    f"{option.name}={value!r} raises {type(error).__name__} instead of SharpError; "
                    "__post_init__ must call super().__post_init__() before all else"
                ) from error
            raise Failure(f"{option.name}={value!r} is accepted; __post_init__ must call super().__post_init__()")
    return "; ".join([f"{tried} values", *words])


def _runs(subject: Subject, name: str, value: Any) -> str:
    """What it says where a value cannot be had here or with the others, such as a device that is not there."""
    given = f"{name}={value!r}"
    try:
        made = subject.as_by(replace(subject.enhancer, **{name: value}))
    except Exception as error:
        raise Failure(f"{given} is refused, though it is declared: {error}") from error
    try:
        with during(f"with {given}"):
            for pixels in made.images(SMALL):
                made.enhanced(pixels)
    except PluginError:
        raise
    except SharpError as error:
        return f"{given}: {error}"
    return ""


def allowed(option: Option, own: Any) -> list[Any]:
    """The values at the ends of what an option allows; its `own` where there are no ends."""
    if isinstance(option.default, bool):
        return [False, True]
    ends = [type(option.default)(bound) for bound in (option.min, option.max) if bound is not None]
    return [*(option.choices or [own]), *ends]


def refused(option: Option) -> list[Any]:
    """Values that an option must not take: just beyond its bounds, no choice, of another type."""
    outside: list[Any] = [option.min - 1] if option.min is not None else []
    outside += [option.max + 1] if option.max is not None else []
    outside += ["no such choice"] if option.choices else []
    outside += [float("nan")] if isinstance(option.default, float) else []
    return [*outside, object()]
