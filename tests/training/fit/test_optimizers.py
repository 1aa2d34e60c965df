import dataclasses
import math

import pytest
import torch

from sharpcli.errors import SharpError
from sharpcli_training.fit.optimizers import REFRESH, Optimizers
from sharpcli_training.networks.build import build
from sharpcli_training.recipe import Recipe

STUDENT = Recipe("student", 8, 2, steps=40, peak_rate=1e-2)
TEACHER = Recipe("teacher", 16, 1, steps=40, peak_rate=1e-2, vector_rate=1e-3)


def moved(recipe, steps=2):
    """By name, the root mean square by which each parameter moved, for gradients of noise."""
    torch.manual_seed(0)
    network = build(recipe)
    optimizers, before = Optimizers(recipe, network), {n: p.detach().clone() for n, p in network.named_parameters()}
    for step in range(steps):
        for parameter in network.parameters():
            parameter.grad = torch.randn_like(parameter)
        optimizers.step(step, recipe.peak_rate)
    return {name: float((p.detach() - before[name]).square().mean().sqrt()) for name, p in network.named_parameters()}


@pytest.mark.parametrize("optimizer", ["adam", "soap", "muon"])
@pytest.mark.parametrize("blocks", ["plain", "edge"])
def test_every_parameter_is_moved_by_each_optimizer(optimizer, blocks):
    distances = moved(dataclasses.replace(STUDENT, optimizer=optimizer, blocks=blocks))
    assert all(distance > 0 for name, distance in distances.items() if not math.isnan(distance)), distances


def test_muon_leaves_the_ends_of_a_network_to_adam():
    """Adam's first steps are of the size of its rate whatever the shape; Muon's are orthogonal, so smaller."""
    distances = moved(dataclasses.replace(TEACHER, optimizer="muon"), steps=1)
    ends = (
        "stem.weight",
        "detail.weight",
        "laterals.0.weight",
        "laterals.2.weight",
        "tail.weight",
        "trunk.0.first.bias",
    )
    for name in ends:
        assert distances[name] == pytest.approx(TEACHER.vector_rate, rel=0.01), name
    for name in ("trunk.0.first.weight", "stages.1.0.conv1.weight"):
        assert distances[name] != pytest.approx(TEACHER.vector_rate, rel=0.05)
        assert distances[name] < TEACHER.peak_rate / 4


def test_soaps_basis_is_followed_and_no_matrix_moves_farther_than_the_rate(monkeypatch):
    """Across two turns of the basis, where single weights used to jump by fifty rates."""
    recipe = dataclasses.replace(STUDENT, optimizer="soap")
    torch.manual_seed(0)
    network = build(recipe)
    optimizers, refreshed = Optimizers(recipe, network), []
    refresh = optimizers.soap.refresh
    monkeypatch.setattr(optimizers.soap, "refresh", lambda: (refreshed.append(step), refresh()))
    for step in range(2 * REFRESH + 2):
        before = {name: p.detach().clone() for name, p in network.named_parameters() if p.dim() > 1}
        for parameter in network.parameters():
            # Of low rank, as the first gradients of a real run are.
            rank = torch.randn(len(parameter), 1) @ torch.randn(1, parameter[0].numel())
            parameter.grad = rank.view_as(parameter)
        optimizers.step(step, recipe.peak_rate)
        for name, old in before.items():
            distance = float((network.get_parameter(name) - old).detach().square().mean().sqrt())
            # Adam's corrections for moments that began at zero may double an early rate.
            assert distance <= recipe.peak_rate * max(1, optimizers.soap.corrected(1.0, step)) * 1.001, (name, step)
    assert refreshed == [REFRESH - 1, 2 * REFRESH - 1]


def test_an_unknown_optimizer_says_which_there_are():
    recipe = dataclasses.replace(STUDENT, optimizer="sgd")
    with pytest.raises(SharpError, match="adam, soap, muon"):
        Optimizers(recipe, build(recipe))
