"""The example plugin that bridges to pyiqa, as far as it goes without pyiqa; its own tests lie beside it."""

import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from sharpcli.image.resample import degrade
from sharpcli.plugin.registry import build_registry, load_registry

FOLDER = Path(__file__).parents[2] / "plugins/examples/sharpcli-pyiqa"


@pytest.fixture
def bridge(monkeypatch):
    """The metrics of the example, installed, on a machine that has no pyiqa."""
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.setitem(sys.modules, "pyiqa", None)
    registry = build_registry([EntryPoint("pyiqa", "sharpcli_pyiqa", "sharpcli")])
    assert not registry.broken
    for name, metric in registry.metrics.items():
        monkeypatch.setitem(load_registry().metrics, name, metric)
    yield registry.metrics
    sys.modules.pop("sharpcli_pyiqa")


def test_it_is_listed_with_directions_and_without_pyiqa(sharpcli, bridge):
    text = sharpcli("metrics").stdout
    for name in ("gmsd", "lpips", "niqe", "piqe"):
        assert re.search(
            rf"^{name}: .*\n    package  sharpcli_pyiqa\n    unit     none, lower is better", text, re.MULTILINE
        )
    assert re.search(r"^fsim: .*\n.*\n    unit     none, higher is better", text, re.MULTILINE)
    assert len(re.findall("compares the result alone, without a reference", text)) == 2


@pytest.mark.parametrize("name", ["fsim", "lpips", "niqe"])
def test_without_pyiqa_using_it_is_one_line_with_the_remedy(sharpcli, bridge, tmp_path, photo, name):
    from PIL import Image as PILImage

    for folder, pixels in (("result", degrade(photo, 2)), ("original", photo)):
        (tmp_path / folder).mkdir()
        PILImage.fromarray(pixels).save(tmp_path / folder / "a.png")
    done = sharpcli("score", tmp_path / "result", tmp_path / "original", "-m", "psnr", "-m", name)
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert f"a.png: metric {name} of sharpcli_pyiqa failed: ModuleNotFoundError: " in line
    assert line.endswith("install the package that provides pyiqa (usually: pip install pyiqa)")


def test_too_small_an_image_is_refused_before_anything_is_loaded(sharpcli, bridge, tmp_path, photo):
    from PIL import Image as PILImage

    PILImage.fromarray(photo[:95, :95]).save(tmp_path / "a.png")
    done = sharpcli("score", tmp_path / "a.png", tmp_path / "a.png", "-m", "niqe", "--convention", "y")
    assert "metric niqe of sharpcli_pyiqa needs 96 x 96 pixels" in done.stderr


def test_listing_it_imports_neither_pyiqa_nor_torch():
    code = "import sys, sharpcli_pyiqa; sharpcli_pyiqa.metrics(); print('torch' in sys.modules, 'pyiqa' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=FOLDER, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


@pytest.mark.packaging
def test_its_package_can_be_built_and_names_pyiqa_where_sharpcli_does_not(wheel_of):
    import tomllib
    import zipfile

    with zipfile.ZipFile(wheel_of(FOLDER)) as packed:
        texts = {Path(name).name: packed.read(name).decode() for name in packed.namelist()}
    assert "pyiqa = sharpcli_pyiqa" in texts["entry_points.txt"]
    assert "Requires-Dist: pyiqa" in texts["METADATA"]
    assert "sharpcli_pyiqa.py" in texts
    ours = tomllib.loads((FOLDER.parent.parent.parent / "pyproject.toml").read_text())["project"]
    groups = [ours["dependencies"], *ours["optional-dependencies"].values()]
    assert not [one for group in groups for one in group if "pyiqa" in one]
