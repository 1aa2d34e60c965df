"""Loads plugins, survives broken ones, refuses duplicates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

import pluggy

from sharpcli.errors import SharpError
from sharpcli.plugin import hooks as hookspecs
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.failures import reason, remedy
from sharpcli.plugin.metric import Metric
from sharpcli.plugin.no_entry_point import without_entry_point
from sharpcli.plugin.origin import Origin
from sharpcli.plugin.sources import (
    DISABLED,
    Source,
    answers,
    files_of_environment,
    of_entry_point,
    of_file,
    without_disabled,
)
from sharpcli.plugin.validate import check_enhancer, check_metric

if TYPE_CHECKING:
    import click


@dataclass(frozen=True)
class Found:
    """An enhancer class and where it came from."""

    enhancer: type[Enhancer]
    origin: Origin


@dataclass(frozen=True)
class Broken:
    """A plugin that was left out, why, and what to do about it, each in one line."""

    origin: Origin
    reason: str
    remedy: str = ""
    name: str = ""

    def __str__(self) -> str:
        return f"plugin {self.origin} left out: {'; '.join(filter(None, (self.reason, self.remedy)))}"

    def answers_to(self, name: str) -> bool:
        """Whether a user may mean this plugin."""
        return answers(name, self.name, self.origin)


@dataclass
class Registry:
    """The plugins that work (`found` by enhancer name, `metrics` by theirs) and those that do not (`broken`)."""

    found: dict[str, Found] = field(default_factory=dict)
    metrics: dict[str, type[Metric]] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What else a user should know."""
    plugins: list[tuple[Source, Callable[..., Any]]] = field(default_factory=list)

    def get(self, name: str) -> type[Enhancer]:
        """The enhancer class of that name; raises SharpError naming those that exist."""
        if name not in self.found:
            there = f"no enhancer {name!r}; there are {', '.join(sorted(self.found))}"
            raise SharpError("; ".join(filter(None, (there, without_entry_point(name)))))
        return self.found[name].enhancer

    def metric(self, name: str) -> type[Metric]:
        """The metric class of that name; raises SharpError naming those that exist."""
        if name not in self.metrics:
            raise SharpError(f"no metric {name!r}; there are {', '.join(sorted(self.metrics))}")
        return self.metrics[name]

    def add(self, source: Source) -> None:
        """Load one more plugin; one that fails joins the broken. Raises SharpError for a name that is taken."""
        known = [plugin.origin for plugin, _ in self.plugins] + [broken.origin for broken in self.broken]
        if source.origin.file and source.origin in known:
            return
        # A manager each: pluggy runs a hook for all plugins in one call, where one failure would end all of them.
        manager = pluggy.PluginManager(hookspecs.GROUP)
        manager.add_hookspecs(hookspecs)
        try:
            module = source.load()
            _register(manager, module, source.name)
            enhancers = _gathered(manager, module, "enhancers")
            metrics = _gathered(manager, module, "metrics")
            for enhancer in enhancers:
                check_enhancer(enhancer)
            for metric in metrics:
                check_metric(metric)
        except (Exception, SystemExit) as error:  # a plugin must not end the program
            self._leave_out(source, error)
            return
        self.plugins.append((source, lambda hook: getattr(manager.hook, hook)))
        for enhancer in enhancers:
            taken = self.found.get(enhancer.name)
            _claim("an enhancer", enhancer, source, taken.origin if taken else None)
            self.found[enhancer.name] = Found(enhancer, source.origin)
        for metric in metrics:
            known_as = self.metrics.get(metric.name)
            _claim("a metric", metric, source, known_as.origin if known_as else None)
            self.metrics[metric.name] = metric

    def add_commands(self, group: click.Group) -> None:
        """Let every plugin add its commands; one that fails joins the broken."""
        for source, caller in self.plugins:
            try:
                caller("commands")(group=group)
            except (Exception, SystemExit) as error:
                self._leave_out(source, error)

    def _leave_out(self, source: Source, error: BaseException) -> None:
        self.broken.append(Broken(source.origin, reason(error), remedy(source.origin, source.name, error), source.name))


@lru_cache(maxsize=1)
def load_registry() -> Registry:
    """The registry of everything installed and of the environment's loose files, loaded once per process.

    Raises SharpError for duplicate names and files that are not there.
    """
    return build_registry(entry_points(group=hookspecs.GROUP), map(of_file, files_of_environment()))


def build_registry(points: Iterable[EntryPoint], files: Iterable[Source] = ()) -> Registry:
    """A registry of these plugins, less those left out; raises SharpError when two offer one name."""
    registry = Registry()
    installed = [of_entry_point(point) for point in sorted(points, key=lambda point: point.name)]
    kept, unknown = without_disabled([*installed, *files])
    for source in kept:
        registry.add(source)
    registry.notes += [f"{DISABLED} names {name!r}, and no plugin is called that" for name in unknown]
    return registry


def _register(manager: pluggy.PluginManager, module: Any, name: str) -> None:
    manager.register(module, name)
    manager.check_pending()
    if not manager.get_hookcallers(module):
        raise TypeError("it implements no hook; a function enhancers() marked @hookimpl offers enhancers")


def _gathered(manager: pluggy.PluginManager, module: Any, hook: str) -> list[Any]:
    """The classes that a plugin's hook returns; pluggy takes None for nothing to say."""
    callers = manager.get_hookcallers(module) or []
    groups = getattr(manager.hook, hook)()
    if (any(caller.name == hook for caller in callers) and not groups) or any(
        isinstance(group, type) for group in groups
    ):
        raise TypeError(f"its hook {hook}() must return a list of classes")
    return [cls for group in groups for cls in group]


def _claim(kind: str, cls: type[Enhancer | Metric], source: Source, taken: Origin | None) -> None:
    """Tell a class where it came from; raises SharpError where its name is taken by one from elsewhere."""
    if taken:
        raise SharpError(
            f"two plugins offer {kind} {cls.name!r}: {taken} and {source.origin}; "
            f"uninstall one, or leave it out with {DISABLED}"
        )
    cls.origin = source.origin
