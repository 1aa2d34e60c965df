"""Finds plugins by entry point, survives broken ones, refuses duplicates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

import pluggy

from sharpcli import hookspecs
from sharpcli.enhancer import Enhancer
from sharpcli.errors import SharpError

if TYPE_CHECKING:
    import click


@dataclass(frozen=True)
class Origin:
    """Where a plugin came from; without a distribution where none is known to have installed it."""

    module: str
    distribution: str | None = None
    version: str | None = None

    def __str__(self) -> str:
        return f"{self.distribution} {self.version} ({self.module})" if self.distribution else self.module


@dataclass(frozen=True)
class Found:
    """An enhancer class and where it came from."""

    enhancer: type[Enhancer]
    origin: Origin


@dataclass(frozen=True)
class Broken:
    """A plugin that was left out, and why, in one line."""

    origin: Origin
    reason: str

    def __str__(self) -> str:
        return f"plugin {self.origin} left out: {self.reason}"


@dataclass
class Registry:
    """The plugins that work (`found`, by enhancer name) and those that do not (`broken`)."""

    found: dict[str, Found] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    plugins: list[tuple[Origin, Callable[..., Any]]] = field(default_factory=list)

    def get(self, name: str) -> type[Enhancer]:
        """The enhancer class of that name; raises SharpError naming those that exist."""
        if name not in self.found:
            raise SharpError(f"no enhancer {name!r}; there are {', '.join(sorted(self.found))}")
        return self.found[name].enhancer

    def add_commands(self, group: click.Group) -> None:
        """Let every plugin add its commands; one that fails joins the broken."""
        for origin, caller in self.plugins:
            try:
                caller("commands")(group=group)
            except Exception as error:
                self.broken.append(Broken(origin, _reason(error)))


@lru_cache(maxsize=1)
def load_registry() -> Registry:
    """The registry of everything installed, loaded once per process; raises SharpError for duplicate names."""
    return build_registry(entry_points(group=hookspecs.GROUP))


def build_registry(points: Iterable[EntryPoint]) -> Registry:
    """A registry of these entry points; raises SharpError when two of them offer an enhancer of one name."""
    registry = Registry()
    for point in sorted(points, key=lambda point: point.name):
        origin = Origin(point.value, *((point.dist.name, point.dist.version) if point.dist else ()))
        # A manager each: pluggy runs a hook for all plugins in one call, where one failure would end all of them.
        manager = pluggy.PluginManager(hookspecs.GROUP)
        manager.add_hookspecs(hookspecs)
        try:
            manager.register(point.load(), point.name)
            manager.check_pending()
            offered = [cls for group in manager.hook.enhancers() for cls in group]
            for cls in offered:
                _check_class(cls)
        except Exception as error:
            registry.broken.append(Broken(origin, _reason(error)))
            continue
        registry.plugins.append((origin, lambda hook, manager=manager: getattr(manager.hook, hook)))
        for cls in offered:
            if cls.name in registry.found:
                other = registry.found[cls.name].origin
                raise SharpError(f"two plugins offer an enhancer {cls.name!r}: {other} and {origin}; uninstall one")
            registry.found[cls.name] = Found(cls, origin)
    return registry


def _check_class(cls: Any) -> None:
    if not (isinstance(cls, type) and issubclass(cls, Enhancer)):
        raise TypeError(f"{cls!r} is not a subclass of sharpcli.enhancer.Enhancer")
    for attribute in ("name", "summary"):
        if not isinstance(getattr(cls, attribute, None), str):
            raise TypeError(f"{cls.__name__} has no {attribute}")
    for declared in cls.options():
        if type(declared.default) not in (bool, int, float, str):
            raise TypeError(f"option {declared.name} of {cls.__name__} must default to a bool, int, float or str")
        if any(type(bound) not in (int, float) for bound in (declared.min, declared.max) if bound is not None):
            raise TypeError(f"the bounds of option {declared.name} of {cls.__name__} must be int or float")
    if cls.reach is not None and type(cls.reach) is not int:
        raise TypeError(f"the reach of {cls.__name__} must be an int, or None for the whole picture")
    cls()  # every option needs a default that its own bounds allow


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
