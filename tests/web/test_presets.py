import json
from pathlib import Path

import sharpcli_student
import sharpcli_teacher
from sharpcli.plugin.registry import load_registry
from sharpcli.web.presets import PRESETS, offered


def test_presets_need_what_they_name(monkeypatch):
    found = load_registry().found
    for name in ("teacher", "student"):
        monkeypatch.delitem(found, name)
    assert {preset.name: choice.enhancer for preset, choice in offered().items()} == {
        "Quick": "student-live",
        "Best": "student-large",
        "Video call": "student-live",
        "Enlarge 2x": "student-live",
    }


def test_best_is_what_the_cards_measured():
    def gain(name):
        for plugin in (sharpcli_student, sharpcli_teacher):
            card = Path(plugin.__file__).parent / "weights" / f"{name}-deblur.json"
            if card.is_file():
                return json.loads(card.read_text())["training"]["validation_gain"]["auto"]["degraded"]

    (best,) = (preset for preset in PRESETS if preset.name == "Best")
    gains = [gain(name) for name in best.enhancers]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] > gain("student-live")
