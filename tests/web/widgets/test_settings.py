import gradio as gr
import pytest

from sharpcli.web.limits import Limits
from sharpcli.web.presets import PRESETS
from sharpcli.web.widgets.settings import Settings, place


@pytest.fixture(scope="module")
def settings():
    with gr.Blocks():
        made = Settings(Limits(), "test")
        place(made.preset, made.strength, made.more)
        return made


def kept(**changes):
    start = {"strength": 1.5, "format": "png", "upscale": 2, "enhancer": "student", "options": {"profile": "photo"}}
    return start | changes


def test_what_the_browser_kept_is_set_once(settings):
    recalled, preset, strength, format, upscale, name, *options = settings.recall(kept(), False)
    assert (recalled, preset.value, strength, format, upscale, name) == (True, "Custom", 1.5, "png", 2, "student")
    assert "photo" in options
    assert "photo" not in settings.recall(kept(), True)


@pytest.mark.parametrize("wrong", [{"enhancer": "uninstalled"}, {"enhancer": ["student"]}, {"options": "photo"}])
def test_an_enhancer_that_is_gone_is_left_out_and_the_rest_is_set(settings, wrong):
    _, _, strength, format, upscale, name, *_ = settings.recall(kept(**wrong), False)
    assert (strength, format) == (1.5, "png")
    assert (upscale, name) == (gr.skip(), gr.skip())


def test_values_that_are_allowed_no_more_become_those_of_the_start(settings):
    wrong = {"strength": 7, "format": "none", "upscale": None, "options": {"profile": "gone", "blur": 99, "new": 1}}
    _, preset, strength, format, upscale, name, *options = settings.recall(kept(**wrong), False)
    assert (preset.value, strength, format, upscale, name) == ("Standard", 1, "", 1, "student")
    assert options == settings.choice.setting("student", {})[1:]


@pytest.mark.parametrize("nothing", [None, [], "student", {}])
def test_what_is_no_memory_changes_no_enhancer(settings, nothing):
    assert settings.recall(nothing, False)[-1] == gr.skip()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_what_a_preset_sets_is_that_preset_and_anything_else_is_custom(settings, preset):
    shown, found, _, _, _, upscale, *values = settings.apply(preset.name, 1, "")
    assert shown.value == preset.name
    assert found["enhancer"] == values[0] == preset.enhancers[0]
    # As the browser has them then: what was skipped stays what it was.
    values = [
        one.value if value == gr.skip() else value for one, value in zip(settings.choice.inputs, values, strict=True)
    ]
    assert settings.touched(1.5, "png", upscale, *values)[0].value == preset.name
    assert settings.touched(1, "", 3, *values)[0].value == "Custom"
