"""Checks what a plugin offers before anybody uses it."""

from __future__ import annotations

from typing import Any

from sharpcli.enhancer import Enhancer
from sharpcli.metric import Metric


def check_enhancer(cls: Any) -> None:
    """Raise TypeError, or what the class raises, for what is no usable enhancer class."""
    _check_kind(cls, Enhancer)
    for declared in cls.options():
        if hasattr(Enhancer, declared.name) or declared.name in ("name", "summary"):
            raise TypeError(
                f"option {declared.name} of {cls.__name__} hides what every enhancer has; call it otherwise"
            )
        if type(declared.default) not in (bool, int, float, str):
            raise TypeError(f"option {declared.name} of {cls.__name__} must default to a bool, int, float or str")
        if any(type(bound) not in (int, float) for bound in (declared.min, declared.max) if bound is not None):
            raise TypeError(f"the bounds of option {declared.name} of {cls.__name__} must be int or float")
    enhancer = cls()  # every option needs a default that its own bounds allow
    if enhancer.reach is not None and type(enhancer.reach) is not int:
        raise TypeError(f"the reach of {cls.__name__} must be an int, or None for the whole picture")


def check_metric(cls: Any) -> None:
    """Raise TypeError, or what the class raises, for what is no usable metric class."""
    _check_kind(cls, Metric)
    if cls.colour not in ("convention", "rgb"):
        raise TypeError(f"the colour of {cls.__name__} must be 'convention' or 'rgb', not {cls.colour!r}")
    cls()


def _check_kind(cls: Any, kind: type[Enhancer | Metric]) -> None:
    if not (isinstance(cls, type) and issubclass(cls, kind)):
        raise TypeError(f"{cls!r} is not a subclass of {kind.__module__}.{kind.__name__}")
    for attribute in ("name", "summary"):
        if not isinstance(getattr(cls, attribute, None), str):
            raise TypeError(f"{cls.__name__} has no {attribute}")
