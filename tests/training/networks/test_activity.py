import pytest
import torch

from sharpcli_training.networks.activity import dead_layers, watched
from sharpcli_training.networks.student import Student
from sharpcli_training.networks.teacher import Teacher


def silence(layer, channels=slice(None)):
    """Make these outputs negative whatever comes in."""
    with torch.no_grad():
        layer.bias[channels] = -1e6


@pytest.mark.parametrize("quantize", [False, True])
def test_channels_that_never_fire_are_counted_by_layer(quantize):
    torch.manual_seed(0)
    network, pixels = Student(8, 2, quantize=quantize), torch.rand(4, 1, 32, 32)
    network.calibrate(pixels)
    silence(network.stack[1], slice(0, 2))
    with watched(network) as shares, torch.no_grad():
        network(pixels[:2])
        network(pixels[2:])
    assert list(shares()) == ["stack.0", "stack.1", "stack.2"]
    assert shares()["stack.0"] < 0.5
    assert shares()["stack.1"] >= 0.25
    assert dead_layers(network, pixels) == []
    silence(network.stack[1])
    assert "stack.1" in dead_layers(network, pixels)


def test_a_channel_fires_if_it_does_anywhere():
    """Silent on one image, not on another."""
    network = Student(1, 1)
    with torch.no_grad():
        network.stack[0].weight.fill_(1.0)
        network.stack[0].bias.fill_(-1.0)
    dark, light = torch.zeros(1, 1, 16, 16), torch.ones(1, 1, 16, 16)
    with watched(network) as shares, torch.no_grad():
        network(dark)
        assert shares()["stack.0"] == 1
        network(light)
        assert shares()["stack.0"] == 0


def test_the_teachers_trunk_and_encoder_are_watched():
    teacher, pixels = Teacher(8, 2), torch.rand(1, 3, 32, 32)
    assert dead_layers(teacher, pixels) == []
    silence(teacher.trunk[1].first)
    silence(teacher.stages[2][0].conv1)
    assert dead_layers(teacher, pixels) == ["stages.2.0", "trunk.1"]
