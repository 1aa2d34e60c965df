"""What a new plugin may be called."""

from __future__ import annotations

import re
import unicodedata
from importlib.metadata import entry_points
from importlib.util import find_spec

from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.plugin.hooks import GROUP
from sharpcli.plugin.registry import load_registry

LONGEST = 40
"""More letters would not fit beside others in a table or a menu."""
VALID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PREFIX = "sharpcli-"


def module_of(name: str) -> str:
    """The module of the plugin of that name."""
    return f"{PREFIX}{name}".replace("-", "_")


def check_new_name(name: str) -> None:
    """Raise SharpError, saying what would be right, unless a new plugin and its enhancer can be called `name`."""
    if not VALID.fullmatch(name) or len(name) > LONGEST or name.startswith(PREFIX):
        raise SharpError(f"{shown(name)!r} is no name for a plugin; {_rule(name)}{_suggested(name)}")
    taken = load_registry().found.get(name)
    if taken:
        raise SharpError(f"there is an enhancer {name!r} already, of {taken.origin}; choose another name")
    if entry_points(group=GROUP, name=name):
        raise SharpError(f"there is a plugin {name!r} already; choose another name")
    if find_spec(module_of(name)):
        raise SharpError(f"there is a module {module_of(name)} already; choose another name")


def _rule(name: str) -> str:
    if name.startswith(PREFIX):
        return f"{PREFIX} is put before it anyway"
    return f"it has lower-case letters a-z, digits and single hyphens between them, at most {LONGEST} in all"


def _suggested(name: str) -> str:
    """The nearest name that is one, in words; empty where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().removeprefix(PREFIX)
    nearest = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-").removeprefix(PREFIX)
    return f", such as {nearest}" if VALID.fullmatch(nearest) else ""
