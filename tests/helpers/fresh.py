"""Fresh virtual environments, as a plugin's author has them; one with two plugins in it that `sharpcli new` wrote."""

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.onnx_networks import Doubler, export

PLAIN, NETWORK = "soft-light", "my-doubler"
PLUGINS = (PLAIN, NETWORK)


@dataclass(frozen=True)
class Fresh:
    """An environment's Python, and the folder that the packages were written to."""

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


def environment(folder):
    """The Python of a new environment; its libraries are those of this one, which saves minutes of installing them."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    report = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = subprocess.run([python, "-c", report], capture_output=True, text=True, check=True).stdout.strip()
    borrowed = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (Path(own) / "borrowed.pth").write_text(borrowed)
    return python


def made(root):
    """An environment with both plugins, built and installed as wheels."""
    fresh = Fresh(environment(root / "venv"), root)
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
