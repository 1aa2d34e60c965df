"""Writes a plugin's package, complete and ready to install."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.errors import SharpError
from sharpcli.files.atomic import PREFIX as UNFINISHED
from sharpcli.files.atomic import SUFFIX
from sharpcli.files.names import shown
from sharpcli.scaffold.plugin_names import PREFIX, check_new_name, module_of
from sharpcli.version import __version__

if TYPE_CHECKING:
    from sharpcli.scaffold.onnx.facts import Facts

MASK = "adds back what a Gaussian blur takes away"


def new_plugin(name: str, folder: Path | None = None, facts: Facts | None = None) -> Path:
    """Write a package with the enhancer `name` into a folder, `sharpcli-NAME` if not given, and return the folder.

    The enhancer is an unsharp mask, or with `facts` the network that they describe. The package is written whole or not
    at all. Raises SharpError for a name that cannot be used and a folder that holds something or cannot be written.
    """
    check_new_name(name)
    folder = free_folder(name, folder)
    try:
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, suffix=SUFFIX, dir=_beside(folder)) as unfinished:
            whole = Path(unfinished) / "whole"  # made here, since a temporary folder is closed to others
            whole.mkdir()
            for file, content in _files(name, facts).items():
                (whole / file).parent.mkdir(parents=True, exist_ok=True)
                (whole / file).write_bytes(content)
            _move(whole, folder)
    except OSError as error:
        raise SharpError(f"cannot write {shown(folder)} ({error.strerror or error})") from error
    return folder


def free_folder(name: str, folder: Path | None) -> Path:
    """Where the package will lie; raises SharpError where something lies there already."""
    folder = Path(f"{PREFIX}{name}") if folder is None else folder
    try:
        if folder.is_symlink() or folder.exists():
            if not folder.is_dir():
                raise SharpError(f"{shown(folder)} is a file; give a folder that is not there yet, or empty")
            if any(folder.iterdir()):
                raise SharpError(f"{shown(folder)} is not empty; give a folder that is not there yet, or empty")
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
