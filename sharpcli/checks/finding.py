"""Finds the enhancers that a text means: installed ones by name, or all of a loose file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sharpcli.checks.subject import Subject
from sharpcli.contenders import Contender
from sharpcli.errors import SharpError
from sharpcli.names import shown
from sharpcli.plugin_sources import of_file
from sharpcli.registry import Registry, load_registry


def subjects_of(texts: Iterable[str]) -> list[Subject]:
    """What these texts mean, each `NAME`, `NAME:OPTION=VALUE` or the path of a Python file; all installed for none.

    A plugin that cannot be loaded is among them, with the reason. Raises SharpError for what there is none of.
    """
    given = list(texts)
    if given:
        return [subject for text in given for subject in _meant(text)]
    registry = load_registry()
    broken = [Subject(str(plugin.origin), None, str(plugin)) for plugin in registry.broken]
    return [*(Subject(name, found.enhancer()) for name, found in sorted(registry.found.items())), *broken]


def _meant(text: str) -> list[Subject]:
    return _of_file(text) if text.endswith(".py") else [_installed(text)]


def _installed(text: str) -> Subject:
    contender = Contender.parse(text)
    for plugin in load_registry().broken:
        if plugin.answers_to(contender.name):
            return Subject(contender.name, None, str(plugin))
    return Subject(contender.text, contender.enhancer())


def _of_file(text: str) -> list[Subject]:
    # A registry of its own: what is installed beside it must not count, and the file may be part of that.
    registry = Registry()
    registry.add(of_file(Path(text)))
    if registry.broken:
        return [Subject(text, None, str(plugin)) for plugin in registry.broken]
    if not registry.found:
        raise SharpError(f"{shown(text)} offers no enhancer; its function enhancers() returns a list of classes")
    return [Subject(name, found.enhancer()) for name, found in registry.found.items()]
