import time

import pytest
import torch
from torch import nn

from sharpcli_training.fit.captured import Captured, adam, follow, fresh_share, scalar, set_rate
from sharpcli_training.fit.conditioned.clock import Clock, rate_at
from sharpcli_training.fit.conditioned.vectors import FAR, training_vectors
from sharpcli_training.networks.vector import LAYOUT, LENGTH

UNKNOWN = LAYOUT.index("unknown")

CPU = torch.device("cpu")


def learned(device, steps):
    """A weight after so many steps on drawn targets, each with a rate that the host sets in between."""
    generator = torch.Generator(device).manual_seed(0)
    weight = nn.Parameter(torch.zeros(4, device=device))
    optimizer, share, mean = adam([weight]), scalar(device), torch.zeros(4, device=device)

    def step():
        weight.grad = None
        (weight - torch.randn(4, generator=generator, device=device)).square().sum().backward()
        optimizer.step()
        follow([mean], [weight], share)

    said = []
    captured = Captured(step, generator, said.append)
    for index in range(steps):
        set_rate(optimizer, 0.1 / (1 + index))
        share.fill_(fresh_share(index, 0.9))
        captured()
    assert not said
    return weight.detach().cpu(), mean.cpu()


def test_on_a_cpu_each_call_is_one_step():
    weight, mean = learned(CPU, 10)
    assert weight.abs().sum() > 0
    assert 0 < float((weight - mean).abs().max()) < 0.2
    assert torch.equal(learned(CPU, 10)[0], weight)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="only a GPU captures")
def test_a_replayed_step_is_the_eager_one(monkeypatch):
    """Rates that the host sets are read by the graph, and the generator moves on at each replay."""
    device = torch.device("cuda")
    replayed = learned(device, 20)
    monkeypatch.setattr("sharpcli_training.fit.captured.WARM_UP", 1000)
    monkeypatch.setattr(Captured, "_begin", Captured._aside)
    for one, other in zip(replayed, learned(device, 20), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def test_rates_climb_and_end_at_zero():
    rates = [rate_at(step / 200, 2e-3) for step in range(201)]
    assert max(rates) == pytest.approx(2e-3)
    assert rates[0] == 0
    assert rates[:7] == sorted(rates[:7])
    assert rates[7:] == sorted(rates[7:], reverse=True)
    assert rates[-1] == pytest.approx(0, abs=1e-12)


def test_progress_follows_the_clock_or_the_steps(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    clock = Clock(seconds=50, spent=10, since=100.0)
    now[0] += 15
    assert clock.progress == pytest.approx(0.5)
    clock.restart()
    assert clock.elapsed == pytest.approx(10)
    now[0] += 25
    assert clock.progress == 1
    by_steps = Clock(seconds=1, steps=8, step=2, since=0)
    assert (by_steps.progress, by_steps.over) == (0.25, False)


def test_no_step_is_begun_that_would_end_too_late(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    clock = Clock(seconds=10, since=0.0)
    while not clock.over:
        now[0] += 3
        clock.step += 1
    assert (clock.step, clock.elapsed) == (3, 9)
    assert not Clock(seconds=0.1, since=8.95).over, "one step is always made"


def test_vectors_to_learn_with_are_true_estimated_mixed_or_unknown():
    true, estimated = torch.zeros(5000, LENGTH), torch.full((5000, LENGTH), 2.0)
    vectors = training_vectors(true, estimated, torch.ones(()), torch.Generator().manual_seed(0))
    unknown = (vectors[:, UNKNOWN] == 1) & (vectors[:, 0] == 0)
    shares = {"true": (vectors == 0).all(1), "estimated": (vectors == 2).all(1), "unknown": unknown}
    found = {name: float(rows.float().mean()) for name, rows in shares.items()}
    assert found == pytest.approx({"true": 0.48, "estimated": 0.096, "unknown": 0.04}, abs=0.02)
    distrusted = training_vectors(true, estimated, torch.zeros(()), torch.Generator().manual_seed(0))
    distrusted[:, UNKNOWN] = 0
    assert not distrusted.any()


def test_rows_of_one_image_get_vectors_of_one_kind():
    true, estimated = torch.zeros(2000, LENGTH), torch.full((2000, LENGTH), 2.0)
    vectors = training_vectors(true, estimated, torch.ones(()), torch.Generator().manual_seed(0), together=2)
    assert torch.equal(vectors[::2], vectors[1::2])
    shares = vectors[::2, 0].unique()
    assert len(shares) > 100, "every pair has its own share of the estimate"


@pytest.mark.parametrize("wild", [1e30, float("inf")])
def test_a_wild_estimate_is_learned_from_as_a_wrong_one(wild):
    true, estimated = torch.ones(500, LENGTH), torch.full((500, LENGTH), 1.5)
    estimated[::5, 12] = wild
    for trust in (0.0, 1.0):
        vectors = training_vectors(true, estimated, torch.tensor(trust), torch.Generator().manual_seed(0))
        assert float(vectors.abs().max()) <= 1 + FAR
    near = training_vectors(true, torch.full_like(true, 1.5), torch.tensor(1.0), torch.Generator().manual_seed(0))
    assert torch.equal(vectors[1::5], near[1::5])
