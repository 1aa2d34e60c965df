"""The wheel holds what a user needs; hatchling drops what git ignores without a word."""

import zipfile
from pathlib import Path

from sharpcli.plugin.registry import load_registry

ROOT = Path(__file__).parents[2]


def test_the_wheel_has_weights_cards_recipes_and_every_package(wheel_of):
    names = set(zipfile.ZipFile(wheel_of(ROOT)).namelist())
    weights = [path for found in load_registry().found.values() for path in found.enhancer.weights()]
    assert len(weights) == 23
    for path in weights:
        for ending in (".onnx", ".json"):
            assert f"{path.parent.parent.name}/weights/{path.stem}{ending}" in names
    for data in (
        "recipes/student-live.toml",
        "data/datasets/div2k.toml",
        "report/published.toml",
        "report/pages/benchmarks.md",
    ):
        assert f"sharpcli_training/{data}" in names
    assert {"sharpcli/batch/report.html.j2", "sharpcli/web/words/catalogs/de.json"} <= set(names)
    assert {"sharpcli/inference/weights/estimator.onnx", "sharpcli/inference/weights/estimator.json"} <= names
    assert "sharpcli_training/plans/photo-conditioned.toml" in names
    for part in ("index.html", "live.js", "sw.js", "networks/student-live-call-int8.bin", "networks/estimator.bin"):
        assert f"sharpcli/web/edge/{part}" in names, "the browser edition is not built: run scripts/edge"
    templates = ROOT / "sharpcli" / "scaffold" / "template"
    assert {f"sharpcli/scaffold/template/{path.name}" for path in templates.iterdir()} <= names
    for package in ("sharpcli", "sharpcli_bicubic", "sharpcli_student", "sharpcli_teacher", "sharpcli_training"):
        assert f"{package}/py.typed" in names
    assert not [name for name in names if name.startswith("tests/")]
