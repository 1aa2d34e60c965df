"""Writes a plugin's package, complete and ready to install, under a name that it may have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.errors import SharpError
from sharpcli.files.atomic import is_unfinished, remove_leftovers, unfinished_folder
from sharpcli.files.names import shown
from sharpcli.plugin.hooks import GROUP
from sharpcli.plugin.registry import load_registry
from sharpcli.version import __version__

if TYPE_CHECKING:
    from sharpcli.scaffold.onnx.facts import Facts

MASK = "adds back the detail that a Gaussian blur removes"

LONGEST = 40
"""More letters would not fit beside others in a table or a menu."""
VALID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PREFIX = "sharpcli-"


def new_plugin(
    name: str,
    folder: Path | None = None,
    facts: Facts | None = None,
    move: Callable[[Path, Path], None] | None = None,
) -> Path:
    """Write a package with the enhancer `name` into a folder, `sharpcli-NAME` if not given, and return the folder.

    The enhancer is an unsharp mask, or with `facts` the network that they describe. The package is written whole or not
    at all; `move` gives the finished folder its name. Raises SharpError for a name that cannot be used and a folder
    that holds something or cannot be written.
    """
    check_new_name(name)
    folder = free_folder(name, folder)
    try:
        beside = _beside(folder)
        remove_leftovers(beside)
        with unfinished_folder(beside) as unfinished:
            whole = unfinished / "whole"  # made here, since a temporary folder is closed to others
            whole.mkdir()
            for file, content in _files(name, facts).items():
                (whole / file).parent.mkdir(parents=True, exist_ok=True)
                (whole / file).write_bytes(content)
            (move or _move)(whole, folder)
    except OSError as error:
        raise SharpError(f"cannot write {shown(folder)} ({error.strerror or error})") from error
    return folder


def free_folder(name: str, folder: Path | None) -> Path:
    """Where the package will lie; raises SharpError where something lies there already."""
    folder = Path(f"{PREFIX}{name}") if folder is None else folder
    try:
        if folder.is_symlink() or folder.exists():
            if not folder.is_dir():
                raise SharpError(f"{shown(folder)} is a file; use a new or an empty folder")
            if not all(map(is_unfinished, folder.iterdir())):
                raise SharpError(f"{shown(folder)} is not empty; use a new or an empty folder")
    except OSError as error:
        raise SharpError(f"cannot write {shown(folder)} ({error.strerror or error})") from error
    return folder


def _beside(folder: Path) -> Path:
    """A folder on the new one's disk: itself where it is there, else its parent, which may have to be made."""
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder.parent


def _move(whole: Path, folder: Path) -> None:
    """Give a finished folder its name. One that is there stays, since somebody may be in it, and takes the content."""
    if not folder.is_dir():
        whole.rename(folder)
        return
    moved: list[Path] = []
    try:
        for part in sorted(whole.iterdir()):
            target = folder / part.name
            part.rename(target)
            moved.append(target)
    except OSError:
        for target in moved:
            target.rename(whole / target.name)
        raise


def _files(name: str, facts: Facts | None) -> Mapping[str, bytes]:
    """The content of each file by its path in the package."""
    module = module_of(name)
    values = {
        "name": name,
        "module": module,
        "facts": facts,
        "summary": facts.summary() if facts else MASK,
        "requires": [*(() if facts else ("scipy",)), f"sharpcli>={__version__}"],
    }
    templates = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        ".gitignore": "gitignore",
        f"tests/test_{module.removeprefix('sharpcli_')}.py": "test_network.py" if facts else "test.py",
        f"{module}/__init__.py" if facts else f"{module}.py": "network.py" if facts else "module.py",
    }
    files = {path: _rendered(template, values).encode() for path, template in templates.items()}
    if facts:
        weights = f"{module}/weights/{name}"
        files |= {f"{module}/py.typed": b"", f"{weights}.onnx": facts.content, f"{weights}.json": facts.card(name)}
    return files


def _rendered(template: str, values: Mapping[str, Any]) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sharpcli.scaffold", "template"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(f"{template}.j2").render(values)


def module_of(name: str) -> str:
    """The module of the plugin of that name."""
    return f"{PREFIX}{name}".replace("-", "_")


def check_new_name(name: str) -> None:
    """Raise SharpError, saying what would be right, unless a new plugin and its enhancer can be called `name`."""
    if not VALID.fullmatch(name) or len(name) > LONGEST or name.startswith(PREFIX):
        raise SharpError(f"invalid plugin name {shown(name)!r}: {_rule(name)}{_suggested(name)}")
    taken = load_registry().found.get(name)
    if taken:
        raise SharpError(f"an enhancer {name!r} already exists in {taken.origin}; choose another name")
    if entry_points(group=GROUP, name=name):
        raise SharpError(f"a plugin {name!r} already exists; choose another name")
    if find_spec(module_of(name)):
        raise SharpError(f"a module {module_of(name)} already exists; choose another name")


def _rule(name: str) -> str:
    if name.startswith(PREFIX):
        return f"the prefix {PREFIX} is added automatically"
    return f"use lower-case letters a-z, digits and single hyphens between them, at most {LONGEST} characters"


def _suggested(name: str) -> str:
    """The nearest name that is one, in words; empty where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().removeprefix(PREFIX)
    nearest = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-").removeprefix(PREFIX)
    return f", such as {nearest}" if VALID.fullmatch(nearest) else ""
