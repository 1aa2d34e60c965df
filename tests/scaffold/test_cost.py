"""Parameters and multiplications are those that a network was built with."""

import json

import pytest

from sharpcli.inference.generic import Form
from sharpcli.plugin.cards import read_card
from sharpcli.plugin.registry import load_registry
from sharpcli.scaffold.onnx.cost import cost
from tests.helpers.onnx_networks import Sharpener, export

STUDENTS = [
    path
    for name in ("student", "student-live")
    for path in load_registry().get(name).weights()
    if not read_card(path).get("conditioned")
]


class Alone(Sharpener):
    """One layer, written by a function that takes the graph and its input."""

    def __init__(self, channels, layer):
        self.channels, self.layer = channels, layer

    def forward(self, graph, x):
        return self.layer(graph, x)


def mixing(graph, x):
    """A matrix for each pixel's channels."""
    rows = graph("MatMul", graph("Transpose", x, perm=[0, 2, 3, 1]), graph.drawn(8, 5, fan_in=8))
    return graph("Transpose", rows, perm=[0, 3, 1, 2])


@pytest.mark.parametrize(
    ("network", "each", "parameters"),
    [
        (Alone(3, lambda g, x: g.conv(x, 3, 10, 5, pads=[2] * 4)), 3 * 10 * 25, 3 * 10 * 25 + 10),
        (Alone(3, lambda g, x: g.conv(x, 3, 16, 4, strides=[4, 4])), 3 * 16, 3 * 16 * 16 + 16),
        (Alone(8, lambda g, x: g.conv(x, 8, 16, 3, pads=[1] * 4, groups=4)), 2 * 16 * 9, 2 * 16 * 9 + 16),
        (Alone(8, lambda g, x: g.conv(x, 8, 8, 3, pads=[1] * 4, groups=8)), 8 * 9, 8 * 9 + 8),
        (Alone(6, lambda g, x: g.conv_transpose(x, 6, 4, 4, strides=[4, 4])), 6 * 4 * 16, 6 * 4 * 16 + 4),
        (Alone(6, lambda g, x: g.conv_transpose(x, 6, 4, 4, strides=[4, 4], groups=2)), 6 * 2 * 16, 6 * 2 * 16 + 4),
        (Alone(8, mixing), 8 * 5, 8 * 5),
    ],
    ids=["plain", "strided", "groups", "depthwise", "transposed", "transposed-groups", "matrix"],
)
def test_a_layer_costs_what_its_shape_says(tmp_path, network, each, parameters):
    export(network, tmp_path / "n.onnx")
    found = cost(tmp_path / "n.onnx", Form(channels=network.channels), 1, 64)
    assert found.kmac_per_pixel == pytest.approx(each / 1000, abs=0.006)
    assert found.parameters == parameters


def test_a_pixel_of_the_result_counts(tmp_path):
    def layer(graph, x):
        return graph("DepthToSpace", graph.conv(x, 3, 12, 3, pads=[1] * 4), blocksize=2, mode="CRD")

    export(Alone(3, layer), tmp_path / "n.onnx")
    assert cost(tmp_path / "n.onnx", Form(), 2, 64).kmac_per_pixel == pytest.approx(3 * 12 * 9 / 4 / 1000, abs=0.006)


@pytest.mark.parametrize("file", STUDENTS, ids=lambda file: file.stem)
def test_it_is_what_the_students_cards_say(file):
    card = json.loads(file.with_suffix(".json").read_text())
    found = cost(file, Form(channels=1), 1, 128)
    assert found.parameters == card["parameters"]
    assert found.kmac_per_pixel == pytest.approx(card["kmac_per_pixel"], rel=0.01)


def test_a_conditioned_student_costs_what_a_plain_one_does():
    """Its vector is folded into the convolutions, so the multiplications are those of the stack."""
    for name in ("student", "student-live"):
        folder = load_registry().get(name).folder
        plain, told = (read_card(folder / f"{name}-{profile}.onnx") for profile in ("x2", "deblur"))
        assert told["kmac_per_pixel"] == plain["kmac_per_pixel"]
