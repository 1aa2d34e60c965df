"""Profiles are those that weights and cards are present of."""

import pytest

from sharpcli.inference.enhancers import NetworkEnhancer
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.registry import Found, load_registry
from sharpcli.plugin.sources import Origin


def made(folder, *files):
    """An enhancer `mine` whose folder holds these files, empty ones."""
    for file in files:
        (folder / file).touch()
    return type("Mine", (NetworkEnhancer,), {"name": "mine", "summary": "mine", "folder": folder})


def profile_of(cls):
    (profile,) = (option for option in cls.options() if option.name == "profile")
    return profile


@pytest.mark.parametrize(
    ("files", "choices"),
    [
        (["mine-photo.onnx", "mine-x2.onnx"], ("photo", "x2", "auto")),
        (["mine-x4.onnx", "mine-photo.json", "mine-call.onnx"], ("photo", "call", "x4")),
        (["mine-photo.onnx", "mine-photo-int8.onnx", "mine-live-x3.onnx", "other-x4.onnx"], ("photo",)),
        (["mine-call.onnx"], ("call",)),
        ([], ("photo",)),
    ],
)
def test_choices_are_what_the_folder_holds(tmp_path, files, choices):
    profile = profile_of(made(tmp_path, *files))
    assert (profile.choices, profile.default) == (choices, choices[0])
    assert all(choice in profile.help for choice in choices)


def test_auto_is_the_default_where_it_chooses_between_better_ones_than_photo(tmp_path):
    profile = profile_of(made(tmp_path, "mine-photo.onnx", "mine-x2.onnx", "mine-deblur.onnx"))
    assert (profile.choices, profile.default) == (("deblur", "photo", "x2", "auto"), "auto")
    assert "else deblur" in profile.help


def test_weights_are_one_file_a_profile(tmp_path):
    cls = made(tmp_path, "mine-photo.onnx", "mine-x3.onnx", "mine-x2.onnx")
    assert [path.name for path in cls.weights()] == ["mine-photo.onnx", "mine-x2.onnx", "mine-x3.onnx"]
    assert [path.name for path in cls(profile="auto").weight_files()] == ["mine-photo.onnx", "mine-x2.onnx"]


def test_an_upscale_picks_the_profile_of_its_factor(tmp_path, monkeypatch):
    cls = made(tmp_path, "mine-photo.onnx", "mine-x3.onnx")
    monkeypatch.setitem(load_registry().found, "mine", Found(cls, Origin("mine")))
    assert [create_enhancer("mine", {}, upscale).profile for upscale in (1, 2, 3)] == ["photo", "photo", "x3"]
