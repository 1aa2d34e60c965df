"""Where plugins are found and came from: entry points of packages, and loose files; and which are left out."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from sharpcli.errors import SharpError
from sharpcli.files.names import shown, tag

FILES, DISABLED = "SHARPCLI_PLUGINS", "SHARPCLI_DISABLE_PLUGINS"
"""Environment variables: loose files, separated as in PATH, and plugins to leave out, separated by commas."""


@dataclass(frozen=True)
class PluginSource:
    """A plugin before it is loaded; `name` is what it is called where it is left out."""

    name: str
    origin: Origin
    load: Callable[[], Any]

    def answers_to(self, name: str) -> bool:
        """Whether a user may mean this plugin: by its own name, its module's or its package's."""
        return answers(name, self.name, self.origin)


def answers(asked: str, name: str, origin: Origin) -> bool:
    """Whether a user who wrote `asked` may mean the plugin of that name and origin."""
    known = (name, origin.module, origin.distribution or "", origin.module.rpartition("/")[2])
    return plain(asked) in map(plain, known)


def of_entry_point(point: EntryPoint) -> PluginSource:
    """An installed plugin."""
    return PluginSource(
        point.name, Origin(point.value, *((point.dist.name, point.dist.version) if point.dist else ())), point.load
    )


def of_file(path: Path) -> PluginSource:
    """A loose file; raises SharpError where there is none."""
    file = path.expanduser().resolve()
    if not file.is_file():
        raise SharpError(f"no plugin file {shown(path)}; give the path of a Python file")
    if file.suffix != ".py":
        raise SharpError(f"{shown(path)} is not a Python file; plugin files must end in .py")
    return PluginSource(file.stem, Origin(str(file), file=str(file)), lambda: _loaded(file))


def files_of_environment(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """The loose files that `SHARPCLI_PLUGINS` names."""
    return [Path(part) for part in environment.get(FILES, "").split(os.pathsep) if part.strip()]


def without_disabled(
    sources: Iterable[PluginSource], environment: Mapping[str, str] = os.environ
) -> tuple[list[PluginSource], list[str]]:
    """The sources that `SHARPCLI_DISABLE_PLUGINS` does not name, and the names there that no source answers to."""
    left_out = [name.strip() for name in environment.get(DISABLED, "").split(",") if name.strip()]
    every = list(sources)
    kept = [source for source in every if not any(map(source.answers_to, left_out))]
    return kept, [name for name in left_out if not any(source.answers_to(name) for source in every)]


def _loaded(file: Path) -> Any:
    """The module of a file, under a name that no other file has."""
    name = f"sharpcli_loose_{re.sub(r'[^0-9A-Za-z]', '_', file.stem)}_{tag(str(file))}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None  # every .py file has a loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while it is being made
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def plain(name: str) -> str:
    """A name as packages are compared: case, hyphens, underscores and dots do not count."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Origin:
    """Where a plugin came from; without a distribution where none is known to have installed it.

    `file` is the path of a plugin that is a loose file.
    """

    module: str
    distribution: str | None = None
    version: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        return f"{self.distribution} {self.version} ({self.module})" if self.distribution else self.module
