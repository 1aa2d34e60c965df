"""Checks what a plugin offers before anybody uses it."""

from __future__ import annotations

import re
from typing import Any

from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.metric import LocalMetric, Metric

NOT_METRICS = ("candidate", "convention", "ms", "image")
"""Other columns of the tables in which figures stand."""


def check_enhancer(cls: Any) -> None:
    """Raise TypeError, or what the class raises, for what is no usable enhancer class."""
    _check_kind(cls, Enhancer)
    for declared in cls.options():
        if hasattr(Enhancer, declared.name) or declared.name in ("name", "summary"):
            raise TypeError(
                f"option {declared.name} of {cls.__name__} has the name of an attribute of Enhancer; rename it"
            )
        if type(declared.default) not in (bool, int, float, str):
            raise TypeError(f"option {declared.name} of {cls.__name__} must default to a bool, int, float or str")
        if any(type(bound) not in (int, float) for bound in (declared.min, declared.max) if bound is not None):
            raise TypeError(f"the bounds of option {declared.name} of {cls.__name__} must be int or float")
    enhancer = cls()  # every option needs a default that its own bounds allow
    if enhancer.receptive_radius is not None and type(enhancer.receptive_radius) is not int:
        raise TypeError(f"the receptive_radius of {cls.__name__} must be an int, or None for the whole image")


def check_metric(cls: Any) -> None:
    """Raise TypeError, or what the class raises, for what is no usable metric class."""
    _check_kind(cls, Metric)
    if cls.color not in ("convention", "rgb"):
        raise TypeError(f"the color of {cls.__name__} must be 'convention' or 'rgb', not {cls.color!r}")
    # The name is a column's, beside others that begin with gain_ and input_.
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cls.name) or cls.name in NOT_METRICS:
        raise TypeError(
            f"a metric's name is small letters, digits and single hyphens between them, such as ms-ssim, and none of "
            f"{', '.join(NOT_METRICS)}; {cls.__name__} has {cls.name!r}"
        )
    numbers = {"places": 0, "least": 1} | ({"radius": 0} if issubclass(cls, LocalMetric) else {})
    for attribute, least in numbers.items():
        if type(value := getattr(cls, attribute)) is not int or value < least:
            raise TypeError(f"{attribute} of {cls.__name__} must be an int of at least {least}, not {value!r}")
    for attribute in ("higher_is_better", "reference"):
        if type(value := getattr(cls, attribute)) is not bool:
            raise TypeError(f"{attribute} of {cls.__name__} must be True or False, not {value!r}")
    if not isinstance(cls.unit, str):
        raise TypeError(f"the unit of {cls.__name__} must be text, not {cls.unit!r}")
    cls()


def _check_kind(cls: Any, kind: type[Enhancer | Metric]) -> None:
    if not (isinstance(cls, type) and issubclass(cls, kind)):
        raise TypeError(f"{cls!r} is not a subclass of {kind.__module__}.{kind.__name__}")
    for attribute in ("name", "summary"):
        if not isinstance(getattr(cls, attribute, None), str):
            raise TypeError(f"{cls.__name__} has no {attribute}")
