"""One wild batch must not throw a network away, whatever updates it."""

import pytest
import torch
from torch import nn

from sharpcli_training.fit.captured import adam, set_rate
from sharpcli_training.fit.limits import SUDDEN, GradientLimit, clip_gradients
from sharpcli_training.fit.muon import Muon
from sharpcli_training.fit.soap import Soap

WILD = [1e3, 1e12, 1e30, float("inf"), float("nan")]


def learned(make, wild=1.0, steps=60):
    """A matrix that learns a target by noisy gradients, one of them `wild` times as large."""
    generator = torch.Generator().manual_seed(3)
    target, weight = torch.randn(6, 8, generator=generator), nn.Parameter(torch.zeros(6, 8))
    optimizer = make([weight])
    for step in range(steps):
        noise = 0.3 * torch.randn(weight.shape, generator=generator)
        weight.grad = weight.detach() - target + noise
        if step == 30:
            weight.grad = wild * torch.randn(weight.shape, generator=generator)
        optimizer.step(torch.tensor(0.03))
        if step % 10 == 9 and isinstance(optimizer, Soap):
            optimizer.refresh()
    return weight.detach(), float((weight.detach() - target).square().mean().sqrt())


@pytest.mark.parametrize("wild", WILD)
@pytest.mark.parametrize("make", [Soap, Muon])
def test_after_a_wild_gradient_learning_goes_on(make, wild):
    _, without = learned(make)
    weight, after = learned(make, wild)
    assert weight.isfinite().all()
    assert after < without + 0.1


def test_ordinary_gradients_come_back_bit_by_bit_and_a_sudden_one_shorter():
    weights = [nn.Parameter(torch.zeros(4, 6)) for _ in range(2)]
    limit, generator = GradientLimit([weights]), torch.Generator().manual_seed(0)
    for size in (0.0, 1e-6, 2e-6, 1e-5, 5e-5, 1e-5):
        grad = size * torch.randn(2, 4, 6, generator=generator)
        assert torch.equal(limit([grad])[0], grad)
    sudden = torch.stack((grad[0], 1e6 * grad[1]))
    usual, held = limit([sudden])[0]
    assert torch.equal(usual, grad[0])
    assert 0 < float(held.norm()) < 2 * SUDDEN * 5e-5 * 24**0.5
    torch.testing.assert_close(held / held.norm(), grad[1] / grad[1].norm())


def test_gradients_that_stay_large_are_soon_taken_as_they_are():
    limit, small = GradientLimit([[nn.Parameter(torch.zeros(3, 3))]]), torch.ones(1, 3, 3)
    for _ in range(60):
        limit([small])
    taken = [limit([1000 * small])[0] for _ in range(5)]
    assert not torch.equal(taken[0], 1000 * small)
    assert torch.equal(taken[-1], 1000 * small)


@pytest.mark.parametrize("wild", WILD)
def test_what_adam_updates_survives_a_wild_gradient(wild):
    weight = nn.Parameter(torch.zeros(8))
    optimizer = adam([weight])
    set_rate(optimizer, 0.01)
    for step in range(20):
        weight.grad = torch.full((8,), 0.1)
        if step == 10:
            weight.grad[3] = wild
        clip_gradients([weight], 20.0)
        optimizer.step()
    assert weight.isfinite().all()
    assert float(weight.detach().abs().max()) <= 0.01 * 20 * 1.01
