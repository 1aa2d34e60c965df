"""Finds the enhancers that a text means: installed ones by name, or all of a loose file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sharpcli.checks.subject import Subject
from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.pipeline.spec import EnhancerSpec, ready
from sharpcli.plugin.registry import Broken, Registry, load_registry
from sharpcli.plugin.sources import of_file


def subjects_of(texts: Iterable[str]) -> list[Subject]:
    """What these texts mean, each a name or the path of a Python file, or that with `:OPTION=VALUE,...` behind it.

    Without any, all that is installed and needs no option. A plugin that cannot be loaded is among them, with the
    reason. Raises SharpError for what there is none of.
    """
    given = dict.fromkeys(texts)
    load_registry().try_commands()  # else only --help and the plugins' own commands would ask for them
    if given:
        return [subject for text in given for subject in _meant(text)]
    registry = load_registry()
    working = {found.origin for found in registry.found.values()}
    broken = [_unloadable(plugin.name, plugin) for plugin in registry.broken if plugin.origin not in working]
    return [*map(_installed, ready()[0]), *broken]


def _meant(text: str) -> list[Subject]:
    spec = EnhancerSpec(text) if text.endswith(".py") else EnhancerSpec.parse(text)
    return _of_file(spec) if spec.name.endswith(".py") else [_installed(spec)]


def _installed(spec: EnhancerSpec) -> Subject:
    registry = load_registry()
    found = registry.found.get(spec.name)
    for plugin in registry.broken:
        if plugin.answers_to(spec.name) or (found and plugin.origin == found.origin):
            return _unloadable(spec.name, plugin)
    return Subject(spec.text, spec.create())


def _of_file(spec: EnhancerSpec) -> list[Subject]:
    # A registry of its own: what is installed beside it must not count, and the file may be part of that.
    registry = Registry()
    registry.add(of_file(Path(spec.name)))
    registry.try_commands()
    if registry.broken:
        return [_unloadable(spec.name, plugin) for plugin in registry.broken]
    if not registry.found:
        raise SharpError(
            f"{shown(spec.name)} provides no enhancer; its function enhancers() must return a list of enhancer classes"
        )
    return [
        Subject(replace(spec, name=name).text, found.enhancer.create(dict(spec.options)))
        for name, found in registry.found.items()
    ]


def _unloadable(text: str, plugin: Broken) -> Subject:
    where = "its hook commands() failed: " if plugin.commands_only else ""
    return Subject(text, None, where + "; ".join(filter(None, (plugin.reason, plugin.remedy))))
