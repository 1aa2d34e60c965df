import dataclasses

import pytest
import torch

from sharpcli.errors import SharpError
from sharpcli.inference.runtime import Network
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.export.onnx import export
from sharpcli_training.fit.initial import start_with
from sharpcli_training.fit.loop import train
from sharpcli_training.fit.start import weights_file
from sharpcli_training.networks.build import build
from sharpcli_training.recipe import Recipe, load_recipe

TINY = Recipe("student", 8, 1, steps=3, peak_rate=1e-3, batch=2, patch=32)


@pytest.mark.parametrize(
    ("recipe", "name"),
    [("student", "student-x2"), ("student-live", "student-live-photo"), ("teacher", "teacher-x2")],
)
def test_shipped_weights_are_a_start_and_compute_what_their_file_does(recipe, name):
    network = build(load_recipe(recipe))
    start_with(network, name)
    pixels = torch.rand(1, network.channels_in, 32, 48)
    with torch.no_grad():
        restored = network(pixels)[0].permute(1, 2, 0).numpy()
    expected = Network(weights_file(name))(pixels[0].permute(1, 2, 0).numpy())
    assert abs(restored - expected).max() < 1e-4
    assert (restored - pixels[0].permute(1, 2, 0).numpy()).any()


@pytest.mark.parametrize("half", [False, True])
def test_an_exported_file_and_its_run_are_the_same_start(packs, tmp_path, half):
    train(TINY, Pairs(packs / "x2", luma=True), tmp_path / "run", lambda line: None)
    export(tmp_path / "run", tmp_path / "out.onnx", half)
    first, second = build(TINY), build(dataclasses.replace(TINY, quantize=True))
    start_with(first, str(tmp_path / "run"))
    start_with(second, str(tmp_path / "out.onnx"))
    for one, other in zip(first.stack.parameters(), second.stack.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-3 if half else 0, rtol=0)


@pytest.mark.parametrize(
    ("changes", "name", "message"),
    [
        ({}, "student-live-x2", "no weights that fit"),
        ({}, "student-x2-int8", "8 bits"),
        ({}, "student-deblur", "no weights that fit"),
        ({}, "nothing-x2", "neither a file"),
        ({"blocks": "edge"}, "student-x2", "does not fit"),
        ({"layers": 4}, "student-x2", "does not fit"),
    ],
)
def test_what_cannot_be_a_start_says_why(changes, name, message):
    network = build(dataclasses.replace(load_recipe("student"), **changes))
    with pytest.raises(SharpError, match=message):
        start_with(network, name)
