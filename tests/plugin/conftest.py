"""A fresh virtual environment, as a plugin's author has one, that borrows what is installed here to spare minutes."""

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("build", "mypy", "pytest", "twine")


@dataclass(frozen=True)
class Fresh:
    """A virtual environment at `folder`."""

    folder: Path

    @property
    def environment(self):
        """The variables of a shell in which it is active."""
        inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
        path = os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]])
        return inherited | {"VIRTUAL_ENV": str(self.folder), "PATH": path, "GRADIO_ANALYTICS_ENABLED": "False"}

    def run(self, *command, cwd=None, **environment):
        """Run a command in it; the result has `returncode`, `stdout` and `stderr`."""
        env = self.environment | environment
        words = [str(word) for word in command]
        return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def made(folder):
    """A new environment with sharpcli, and commands for the tools."""
    venv.create(folder, with_pip=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    here = [sysconfig.get_path("purelib"), *map(str, (ROOT, ROOT / "plugins", ROOT / "training"))]
    # Through addsitedir, which also heeds what editable installations have put there. This checkout comes first.
    lines = [*here[1:], f"import site; site.addsitedir({here[0]!r})"]
    (site / "borrowed.pth").write_text("\n".join(lines) + "\n")
    bin = folder / "bin"
    for tool in (*TOOLS, "sharpcli"):
        (bin / tool).write_text(f'#!/bin/sh\nexec "{bin / "python"}" -m {tool} "$@"\n')
        (bin / tool).chmod(0o755)
    (bin / "ruff").symlink_to(Path(sys.executable).parent / "ruff")
    return Fresh(folder)


@pytest.fixture(scope="session")
def new_environment(tmp_path_factory):
    """Make a fresh environment of a name."""
    return lambda name: made(tmp_path_factory.mktemp(name) / "venv")
