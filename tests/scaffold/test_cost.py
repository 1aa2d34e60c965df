"""Parameters and multiplications are those that a network was built with."""

import json

import pytest
import torch
from torch import nn

from sharpcli.inference.generic import Form
from sharpcli.plugin.registry import load_registry
from sharpcli.scaffold.onnx.cost import cost
from tests.helpers.networks import Sharpener, export

STUDENTS = [path for name in ("student", "student-live") for path in load_registry().get(name).weights()]


class Alone(Sharpener):
    """One layer."""

    def __init__(self, layer, channels):
        super().__init__()
        self.body, self.channels = layer, channels

    def forward(self, x):
        return self.body(x)


class Mixing(Sharpener):
    """A matrix for each pixel's channels."""

    channels = 8

    def __init__(self):
        super().__init__()
        self.body = None
        self.mix = nn.Parameter(torch.randn(8, 5))

    def forward(self, x):
        return torch.matmul(x.permute(0, 2, 3, 1), self.mix).permute(0, 3, 1, 2)


@pytest.mark.parametrize(
    ("network", "each"),
    [
        (Alone(nn.Conv2d(3, 10, 5, padding=2), 3), 3 * 10 * 25),
        (Alone(nn.Conv2d(3, 16, 4, stride=4), 3), 3 * 16),
        (Alone(nn.Conv2d(8, 16, 3, padding=1, groups=4), 8), 2 * 16 * 9),
        (Alone(nn.Conv2d(8, 8, 3, padding=1, groups=8), 8), 8 * 9),
        (Alone(nn.ConvTranspose2d(6, 4, 4, stride=4), 6), 6 * 4 * 16),
        (Alone(nn.ConvTranspose2d(6, 4, 4, stride=4, groups=2), 6), 6 * 2 * 16),
        (Mixing(), 8 * 5),
    ],
    ids=["plain", "strided", "groups", "depthwise", "transposed", "transposed-groups", "matrix"],
)
def test_a_layer_costs_what_its_shape_says(tmp_path, network, each):
    export(network, tmp_path / "n.onnx")
    found = cost(tmp_path / "n.onnx", Form(channels=network.channels), 1, 64)
    assert found.kmac_per_pixel == pytest.approx(each / 1000, abs=0.006)
    assert found.parameters == sum(parameter.numel() for parameter in network.parameters())


def test_a_pixel_of_the_result_counts(tmp_path):
    export(Alone(nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.PixelShuffle(2)), 3), tmp_path / "n.onnx")
    assert cost(tmp_path / "n.onnx", Form(), 2, 64).kmac_per_pixel == pytest.approx(3 * 12 * 9 / 4 / 1000, abs=0.006)


@pytest.mark.parametrize("file", STUDENTS, ids=lambda file: file.stem)
def test_it_is_what_the_students_cards_say(file):
    card = json.loads(file.with_suffix(".json").read_text())
    found = cost(file, Form(channels=1), 1, 128)
    assert found.parameters == card["parameters"]
    assert found.kmac_per_pixel == pytest.approx(card["kmac_per_pixel"], rel=0.01)
