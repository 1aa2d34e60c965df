"""Real images to test on: scikit-image's photographs."""

import os
import signal
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
from tests.helpers.collection import Marks, Strict

ROOT = Path(__file__).parents[1]

MARKS = {
    "tests/batch/test_cluster.py": "cluster",
    "tests/batch/test_cluster_alone.py": "cluster",
    "tests/batch/test_kill.py": "slow",
    "tests/batch/test_clip_memory.py": "slow",
    "tests/batch/test_kill_clips.py": "slow",
    "tests/checks/test_pytest_plugin.py": "slow",
    "tests/files/test_remote.py": "cluster",
    "tests/edge": "web",
    "tests/fuzz": "fuzz",
    "tests/packaging": "packaging",
    "tests/pipeline/test_memory_peak.py": "slow",
    "tests/record": "slow",
    "tests/training": "training",
    "tests/video/test_resume.py": "slow",
    "tests/web": "web",
    "plugins/examples/sharpcli-opencv": "packaging",
    "plugins/examples/sharpcli-pyiqa": "packaging",
    "plugins/examples/sharpcli-spandrel": "packaging",
}
"""The mark of every test in a folder or file. What a run deselects by it is not even imported."""

LONGEST = [
    "tests/record/test_record.py",
    "tests/packaging/test_guide.py",
    "tests/packaging/test_docs.py",
    "tests/web/visitors/test_visitors.py",
    "tests/web/test_accessibility.py",
    "tests/web/test_load.py",
    "tests/training/fit/test_engine.py",
    "tests/web/tabs/test_batch.py",
    "tests/web/tabs/test_compare.py",
    "tests/web/tabs/test_enhance.py",
    "tests/web/tabs/test_enhancers.py",
    "tests/web/tabs/test_live.py",
    "tests/web/tabs/test_score.py",
    "tests/batch/test_kill.py",
    "tests/checks/test_checks.py",
    "tests/training/cli/test_run.py",
    "tests/training/networks/test_build.py",
    "tests/pipeline/test_memory_peak.py",
]
"""Files that come first, so that no worker still has one of them when the others have nothing left."""

GROUPS = {
    "tests/edge/test_estimate.py": "edge_pages",
    "tests/edge/test_wasm.py": "edge_pages",
    "tests/packaging/test_new.py": "fresh",
    "tests/web/test_new.py": "fresh",
    "tests/packaging/test_plugin_wheel.py": "with_unsharp",
    "tests/web/tabs/test_enhancers.py": "with_unsharp",
}
"""Files that share a costly fixture, so that one worker runs them; every other file is a group of its own."""

SKIPS = {
    "one channel has no planes": "a combination of parameters that does not exist",
    "this format has 8 bits": "likewise",
    "pyiqa is not installed": "pyiqa brings gigabytes; who works on its plugin installs it, as that README says",
    "there is a graphics card": "one of two tests: what is said where there is none",
    "needs a graphics card": "the other one",
    "needs the extra camera": "GPL, and without wheels for some systems; the gate installs it with the extra dev",
    "no network namespaces here": "the same run without one is watched by an audit hook, wherever it is",
    "needs exiftool": "the gate installs it where it can; our own list of what a file holds is tested everywhere",
    "needs ffmpeg": "the recipes of docs/video.md are run by hand as well; the gate needs none of these programs",
    "needs ffmpeg with libplacebo and Vulkan": "likewise; the shader's passes are looked at everywhere",
    "needs ffplay": "likewise",
    "needs mpv": "likewise",
    "needs xvfb-run": "likewise",
    "needs gst-launch-1.0": "likewise",
    "needs nginx": "the gate installs it where it can; --root-path is tested without a proxy as well",
    "needs curl": "likewise; the same requests are sent by httpx",
    "needs the libraries of phones": "Core ML's is not for every Python; the gate installs all with the extra dev",
    "only a GPU captures": "CUDA graphs exist on a GPU only; CI has none",
}
"""Reasons for which SHARPCLI_STRICT=1, as CI sets it, lets a test be skipped; any other skip fails there."""


def pytest_configure(config):
    # A shell starts what runs in the background with Ctrl-C ignored, and its children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(Marks(ROOT, MARKS, GROUPS, LONGEST), "sharpcli-marks")
    if os.environ.get("SHARPCLI_STRICT") == "1":
        config.pluginmanager.register(Strict(SKIPS), "sharpcli-strict")


# How long an example takes says something of the machine, nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=10_000)
settings.load_profile("untimed")


LAST_LINES = 8
"""Of what a command wrote, in a failed assertion."""


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


class Told:
    """What a command came to; where an assertion about it fails, pytest shows the last lines that it wrote."""

    def __init__(self, result):
        self.exit_code, self.output = result.exit_code, result.output
        self.stdout, self.stderr = result.stdout, result.stderr

    def __repr__(self):
        last = (self.stderr or self.stdout).splitlines()[-LAST_LINES:]
        return "\n".join([f"exit code {self.exit_code}", *last])


@pytest.fixture
def sharpcli():
    """Run the command line; the result has `exit_code`, `stdout` and `stderr`."""

    def run(*args):
        result = CliRunner().invoke(main, [str(arg) for arg in args])
        # A traceback is a bug: whatever a test feeds it, only a clean exit may come back.
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Told(result)

    yield run
    if any(plugin.origin.file for plugin, _ in load_registry().plugins):
        load_registry.cache_clear()  # a loose file is there for one process, which here is that of all tests


@pytest.fixture(scope="session")
def wheel_of(tmp_path_factory):
    """Build the wheel of a project, once a session; CI gives sharpcli's own, which it built before."""
    built = {}

    def build(project):
        if project == ROOT and "SHARPCLI_WHEEL" in os.environ:
            return Path(os.environ["SHARPCLI_WHEEL"])
        if project not in built:
            folder = tmp_path_factory.mktemp("wheel")
            command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, project]
            subprocess.run(command, check=True, capture_output=True)
            (built[project],) = folder.glob("*.whl")
        return built[project]

    return build


@pytest.fixture(scope="session")
def with_unsharp(tmp_path_factory, wheel_of):
    """An environment in which a third party's wheel is installed beside sharpcli."""
    site = tmp_path_factory.mktemp("plugin") / "site"
    wheel = wheel_of(ROOT / "plugins" / "examples" / "sharpcli-unsharp")
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--target", site, wheel]
    subprocess.run(install, check=True, capture_output=True)
    path = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """A fresh environment with plugins that `sharpcli new` wrote; see `fresh.py`."""
    from tests.helpers.fresh import made  # imports onnx

    return made(tmp_path_factory.mktemp("fresh"))
