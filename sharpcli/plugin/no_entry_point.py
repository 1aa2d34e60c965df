"""Finds packages that a user may take for plugins, and that name none: the commonest mistake in a first plugin."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions

from sharpcli.plugin.hooks import GROUP
from sharpcli.plugin.sources import plain


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
