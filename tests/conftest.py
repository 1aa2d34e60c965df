"""Real images to test on: scikit-image's photographs."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import settings
from PIL import Image as PILImage
from skimage import data

from sharpcli.cli.main import main
from sharpcli.plugin.registry import load_registry

# How long an example takes says something of the machine, nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def photo():
    """A sharp colour photograph, 299 x 449: odd sides, so that grids and tiles do not fit by luck."""
    return np.ascontiguousarray(data.chelsea()[:299, :449])


@pytest.fixture
def folder(tmp_path, photo):
    """A folder of three images, one of them in a subfolder."""
    root = tmp_path / "in"
    (root / "sub" / "deep").mkdir(parents=True)
    PILImage.fromarray(photo[:96, :128]).save(root / "a.png")
    PILImage.fromarray(photo[100:196, 100:260]).save(root / "sub" / "b.jpg", quality=95)
    PILImage.fromarray(photo[:64, :64]).convert("L").save(root / "sub" / "deep" / "ç.png")
    return root


@pytest.fixture
def sharpcli():
    """Run the command line; the result has `exit_code`, `stdout` and `stderr`."""

    def run(*args):
        result = CliRunner().invoke(main, [str(arg) for arg in args])
        # A traceback is a bug: whatever a test feeds it, only a clean exit may come back.
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    yield run
    if any(plugin.origin.file for plugin, _ in load_registry().plugins):
        load_registry.cache_clear()  # a loose file is there for one process, which here is that of all tests


@pytest.fixture(scope="session")
def with_unsharp(tmp_path_factory):
    """An environment in which a third party's wheel is installed beside sharpcli."""
    root = tmp_path_factory.mktemp("plugin")
    source = Path(__file__).parent.parent / "plugins" / "examples" / "sharpcli-unsharp"
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", root / "dist", source]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (root / "dist").glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--target", root / "site", wheel]
    subprocess.run(install, check=True, capture_output=True)
    path = [str(root / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """A fresh environment with plugins that `sharpcli new` wrote; see `fresh.py`."""
    from tests.helpers.fresh import made  # imports torch

    return made(tmp_path_factory.mktemp("fresh"))
