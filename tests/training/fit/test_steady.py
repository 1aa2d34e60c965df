"""What students for calls are asked for: better frames, none worse, and no more change than is due."""

import pytest
import torch

from sharpcli_training.fit.conditioned.steady import steady

SIDE = (4, 1, 84, 84)


@pytest.fixture
def pairs():
    """Levels of two pairs of frames that hold still, and the error that they came with."""
    generator = torch.Generator().manual_seed(0)
    reference = (100 + 50 * torch.rand(2, 1, *SIDE[2:], generator=generator)).repeat_interleave(2, 0)
    return reference, 6 * torch.randn(SIDE, generator=generator)


def test_better_is_cheaper_and_worse_costs_more_than_better_earns(pairs):
    reference, error = pairs
    degraded = reference + error
    half, same, more = (float(steady(reference + share * error, reference, degraded)) for share in (0.5, 1.0, 1.5))
    assert half < same < more
    assert more - same > same - half


def test_an_error_that_flickers_costs_more_than_a_constant_one(pairs):
    reference, error = pairs
    shift = torch.full(SIDE, 3.0)
    flicker = shift * torch.tensor([1, -1, 1, -1]).view(-1, 1, 1, 1)
    constant, changing = (float(steady(reference + one, reference, reference + error)) for one in (shift, flicker))
    assert constant < changing


def test_what_moves_may_change(pairs):
    """The same error between frames of a scene that moves is no flicker."""
    _, error = pairs
    moving = 200 * torch.rand(SIDE, generator=torch.Generator().manual_seed(1))
    still = moving[:1].expand(SIDE)
    shift = torch.full(SIDE, 3.0) * torch.tensor([1, -1, 1, -1]).view(-1, 1, 1, 1)
    in_motion, held = (float(steady(one + shift, one, one + error / 30)) for one in (moving, still))
    assert in_motion < held


def test_an_untouched_crop_that_stays_so_costs_nothing(pairs):
    reference, _ = pairs
    assert float(steady(reference, reference, reference)) == 0


def test_a_single_wild_crop_does_not_rule_the_gradient(pairs):
    reference, error = pairs
    sizes = []
    for wild in (1.0, 1e2, 1e4, 1e6):
        restored = reference + 0.8 * error
        restored[0] = reference[0] + wild * error[0]
        restored.requires_grad_()
        steady(restored, reference, reference + error).backward()
        sizes.append([float(grad.norm()) for grad in restored.grad])
    assert max(of[0] for of in sizes) < 5 * sizes[0][0]
    assert all(of[2:] == sizes[0][2:] for of in sizes), "other crops are learned from as before"
