"""A fresh virtual environment with two plugins in it that `sharpcli new` wrote, built and installed as wheels."""

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from tests.foreign.networks import Doubler, export

PLAIN, NETWORK = "soft-light", "my-doubler"
PLUGINS = (PLAIN, NETWORK)


@dataclass(frozen=True)
class Fresh:
    """The environment's Python, and the folder that the packages were written to."""

    python: Path
    folder: Path

    def run(self, *command, cwd=None):
        """Run a module of the environment's; away from the packages, so that only what is installed is found."""
        return subprocess.run(
            [self.python, "-m", *map(str, command)],
            cwd=cwd or self.python.parent,
            capture_output=True,
            text=True,
            check=False,
        )

    def project(self, name):
        """The folder of a package."""
        return self.folder / f"sharpcli-{name}"


def made(root):
    """Make the environment; its libraries are those of this one, which saves minutes of installing them again."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / "venv"], check=True)
    python = root / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    report = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = subprocess.run([python, "-c", report], capture_output=True, text=True, check=True).stdout.strip()
    borrowed = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (Path(own) / "borrowed.pth").write_text(borrowed)
    fresh = Fresh(python, root)
    export(Doubler(), root / "doubler.onnx")
    for name, options in ((PLAIN, ()), (NETWORK, ("--onnx", root / "doubler.onnx"))):
        for command in (
            ("sharpcli", "new", name, fresh.project(name), *options),
            ("build", "--no-isolation", "--outdir", root / "dist", fresh.project(name)),
        ):
            done = fresh.run(*command)
            assert done.returncode == 0, done.stdout + done.stderr
    wheels = sorted((root / "dist").glob("*.whl"))
    assert len(wheels) == len(PLUGINS)
    done = fresh.run("pip", "install", "--no-deps", "--no-index", "--quiet", *wheels)
    assert done.returncode == 0, done.stderr
    return fresh
