"""Loads plugins, survives broken ones, refuses duplicates, and names packages that forgot their entry point."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from typing import TYPE_CHECKING, Any

import pluggy

from sharpcli.errors import SharpError
from sharpcli.plugin import hooks as hookspecs
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.failures import reason, remedy
from sharpcli.plugin.hooks import GROUP
from sharpcli.plugin.metric import Metric
from sharpcli.plugin.running import is_ctrl_c, plugin_code
from sharpcli.plugin.sources import (
    DISABLED,
    Origin,
    PluginSource,
    answers,
    files_of_environment,
    of_entry_point,
    of_file,
    plain,
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
    """A plugin that was left out, or only its commands, why, and what to do about it, each in one line."""

    origin: Origin
    reason: str
    remedy: str = ""
    name: str = ""
    commands_only: bool = False

    def __str__(self) -> str:
        state = "without its commands" if self.commands_only else "left out"
        return f"plugin {self.origin} {state}: {'; '.join(filter(None, (self.reason, self.remedy)))}"

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
    plugins: list[tuple[PluginSource, Callable[..., Any]]] = field(default_factory=list)

    def get(self, name: str) -> type[Enhancer]:
        """The enhancer class of that name; raises SharpError naming those that exist."""
        if name not in self.found:
            there = f"unknown enhancer {name!r}; available: {', '.join(sorted(self.found))}"
            raise SharpError("; ".join(filter(None, (there, without_entry_point(name)))))
        return self.found[name].enhancer

    def metric(self, name: str) -> type[Metric]:
        """The metric class of that name; raises SharpError naming those that exist."""
        if name not in self.metrics:
            raise SharpError(f"unknown metric {name!r}; available: {', '.join(sorted(self.metrics))}")
        return self.metrics[name]

    def add(self, source: PluginSource) -> None:
        """Load one more plugin; one that fails joins the broken. Raises SharpError for a name that is taken."""
        known = [plugin.origin for plugin, _ in self.plugins] + [broken.origin for broken in self.broken]
        if source.origin.file and source.origin in known:
            return
        # A manager each: pluggy runs a hook for all plugins in one call, where one failure would end all of them.
        manager = pluggy.PluginManager(hookspecs.GROUP)
        manager.add_hookspecs(hookspecs)
        try:
            # In this thread and without a limit of time, for whatever a module may do only in the main thread.
            with plugin_code(f"importing plugin {source.origin}"):
                module = source.load()
                _register(manager, module, source.name)
                enhancers = _gathered(manager, module, "enhancers")
                metrics = _gathered(manager, module, "metrics")
                for enhancer in enhancers:
                    check_enhancer(enhancer)
                for metric in metrics:
                    check_metric(metric)
        except BaseException as error:  # a plugin must not end the program
            if is_ctrl_c(error):
                raise
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
                with plugin_code(f"asking plugin {source.origin} for its commands"):
                    caller("commands")(group=group)
            except BaseException as error:
                if is_ctrl_c(error):
                    raise
                self._leave_out(source, error, commands_only=True)

    def try_commands(self) -> None:
        """Ask every plugin for its commands and throw them away; one that fails joins the broken."""
        import click

        self.add_commands(click.Group())

    def _leave_out(self, source: PluginSource, error: BaseException, commands_only: bool = False) -> None:
        what = remedy(source.origin, source.name, error)
        broken = Broken(source.origin, reason(error), what, source.name, commands_only)
        if broken not in self.broken:  # commands are asked for again where there were none
            self.broken.append(broken)


@lru_cache(maxsize=1)
def load_registry() -> Registry:
    """The registry of everything installed and of the environment's loose files, loaded once per process.

    Raises SharpError for duplicate names and files that are not there.
    """
    return build_registry(entry_points(group=hookspecs.GROUP), map(of_file, files_of_environment()))


def build_registry(points: Iterable[EntryPoint], files: Iterable[PluginSource] = ()) -> Registry:
    """A registry of these plugins, less those left out; raises SharpError when two offer one name."""
    registry = Registry()
    installed = [of_entry_point(point) for point in sorted(points, key=lambda point: point.name)]
    kept, unknown = without_disabled([*installed, *files])
    for source in kept:
        registry.add(source)
    registry.notes += [f"{DISABLED} names {name!r}, but there is no such plugin" for name in unknown]
    return registry


def _register(manager: pluggy.PluginManager, module: Any, name: str) -> None:
    manager.register(module, name)
    manager.check_pending()
    if not manager.get_hookcallers(module):
        raise TypeError("it implements no hook; add a function enhancers() marked @hookimpl")


def _gathered(manager: pluggy.PluginManager, module: Any, hook: str) -> list[Any]:
    """The classes that a plugin's hook returns; pluggy takes None for nothing to say."""
    callers = manager.get_hookcallers(module) or []
    groups = getattr(manager.hook, hook)()
    if (any(caller.name == hook for caller in callers) and not groups) or any(
        isinstance(group, type) for group in groups
    ):
        raise TypeError(f"its hook {hook}() must return a list of classes")
    return [cls for group in groups for cls in group]


def _claim(kind: str, cls: type[Enhancer | Metric], source: PluginSource, taken: Origin | None) -> None:
    """Tell a class where it came from; raises SharpError where its name is taken by one from elsewhere."""
    if taken:
        raise SharpError(
            f"two plugins provide {kind} {cls.name!r}: {taken} and {source.origin}; "
            f"uninstall one, or disable it with {DISABLED}"
        )
    cls.origin = source.origin


def without_entry_point(name: str, installed: Iterable[Distribution] | None = None) -> str:
    """What to do about installed packages that may be meant by `name` and have no entry point; empty without any.

    Those are packages of that name, with or without `sharpcli-` before it, and those that require sharpcli.
    """
    packages = {
        f"{package.name} {package.version}"
        for package in (distributions() if installed is None else installed)
        if _meant(package, plain(name)) and not package.entry_points.select(group=GROUP)
    }
    if not packages:
        return ""
    found = f"{' and '.join(sorted(packages))} {'is' if len(packages) == 1 else 'are'} installed without an entry point"
    return f"{found}: add [project.entry-points.{GROUP}] to its pyproject.toml and install it again"


def _meant(package: Distribution, name: str) -> bool:
    own = plain(package.name or "")
    return own in (name, f"{GROUP}-{name}") or any(_required(text) == GROUP for text in package.requires or ())


def _required(text: str) -> str:
    """The package that a requirement names, leaving out versions, extras and markers; none for an extra's."""
    name = re.match(r"[A-Za-z0-9._-]+", text)
    return plain(name[0]) if name and "extra ==" not in text else ""
