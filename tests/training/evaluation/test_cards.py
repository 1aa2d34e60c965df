"""Cards of plugins' weights in the tables and the report, and figures written into them."""

import json
import shutil

import pytest

from sharpcli.errors import SharpError
from sharpcli.plugin.registry import load_registry
from sharpcli_training.evaluation.cards import write_cards
from sharpcli_training.evaluation.rows import INPUT, Row
from sharpcli_training.evaluation.tables import cost_markdown, sets_markdown
from sharpcli_training.report.sections import plot

LIVE = Row("student-live", (("precision", "fp32"),))
FIGURES = {"Set14": {"psnr": 30.0, "ssim": 0.9}}
TABLE = {INPUT: FIGURES, LIVE: FIGURES}


@pytest.fixture
def cards(tmp_path, monkeypatch):
    """Give student-live cards with what is required alone, and this."""
    student = load_registry().get("student-live")
    weights = tmp_path / "weights"
    shutil.copytree(student.folder, weights)
    monkeypatch.setattr(student, "folder", weights)

    def make(**more):
        for path in weights.glob("*.json"):
            given = json.loads(path.read_text())
            required = {name: given[name] for name in ("sha256", "tile_multiple", "color")}
            path.write_text(json.dumps(required | more))
        return weights

    return make


@pytest.mark.parametrize("more", [{}, dict.fromkeys(("bytes", "weights", "parameters", "kmac_per_pixel", "scores"))])
def test_what_a_card_leaves_out_is_a_dash(cards, tmp_path, more):
    cards(**more)
    assert "| student-live FP32 | 30.00 / 0.9000 | - | - |" in sets_markdown(TABLE, {})
    assert "| `student-live-x2.onnx` | - | - | - | 45 KB |" in cost_markdown(["student-live"])
    assert plot(TABLE, tmp_path / "plot.png") == ""


@pytest.mark.parametrize("more", [{}, {"scores": None}, {"scores": {}}])
def test_figures_go_into_a_card_that_had_none(cards, more):
    weights = cards(**more)
    write_cards(TABLE, "x2", "x2")
    card = json.loads((weights / "student-live-x2.json").read_text())
    assert card["scores"]["x2"]["result"] == FIGURES


@pytest.mark.parametrize("more", [{"parameters": "many"}, {"scores": [1]}])
def test_a_card_of_the_wrong_form_is_named(cards, more):
    cards(**more)
    with pytest.raises(SharpError, match="student-live-x2"):
        sets_markdown(TABLE, {})
    if "scores" in more:
        with pytest.raises(SharpError, match="student-live-x2"):
            write_cards(TABLE, "x2", "x2")
