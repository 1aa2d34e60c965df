"""TOML files that are named for short when the package brings them, and by their path when they are the user's own."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from sharpcli.errors import SharpError


def packaged(folder: str) -> dict[str, Path]:
    """Name and path of the TOML files in that folder of the package."""
    files = (resources.files("sharpcli_training") / folder).iterdir()
    return {Path(str(file)).stem: Path(str(file)) for file in files if file.name.endswith(".toml")}


def read_settings(folder: str, kind: str, name: str) -> dict[str, Any]:
    """The contents of the packaged file of that name or of that path; raises SharpError when it cannot be read."""
    files = packaged(folder)
    path = files.get(name, Path(name))
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError as error:
        raise SharpError(f"no {kind} {name!r}; there are {', '.join(sorted(files))}, or give a TOML file") from error
    except OSError as error:
        raise SharpError(f"{path} cannot be read ({error.strerror}); give a TOML file") from error
    except ValueError as error:
        raise SharpError(f"{path} is not TOML: {error}") from error
