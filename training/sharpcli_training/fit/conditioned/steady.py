"""What students for calls are trained to make small."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import avg_pool2d

HARM = 1.5
"""How much more it costs to make a crop worse than is earned by making it better; more still where it came with
little error."""
STEADINESS = 0.5
"""Weight of what changes from frame to frame without having to."""
FLICKER = 1.2
"""Weight of what changes where the scene holds still, as far as it is more than CALMER times what it was."""
CALMER = 0.96
LARGE = 1.5
"""From where on such a value counts by its root."""
STILL, BLOCK = 3.0, 16
"""Levels by which a block holding still may change in the mean, and its side; few crops' sides are multiples of it."""


def steady(restored: Tensor, reference: Tensor, degraded: Tensor) -> Tensor:
    """For crops (levels, 2N x 1 x H x W) two and two of which follow one another: the relative error of each, that of
    what changes between them, and by how much more than before it changes where the scene holds still.

    A crop that becomes worse costs more than one that becomes better earns: in doubt nothing is done.
    """
    came, left = ((image - reference).square().mean((1, 2, 3)) for image in (degraded, restored))
    each = _bounded(left / (came + 6) + HARM * (left - came).relu() / (came + 4))
    due, was, now = (image[1::2] - image[::2] for image in (reference, degraded, restored))
    came, left = ((change - due).square().mean((1, 2, 3)) for change in (was, now))
    between = _bounded((left + HARM * (left - came).relu()) / (came + 4))
    still = avg_pool2d(due.abs(), BLOCK) < STILL
    came, left = ((avg_pool2d(change.abs(), BLOCK) * still).mean((1, 2, 3)) for change in (was, now))
    flicker = _bounded((left - CALMER * came).relu() / (came + 0.25))
    return each.mean() + STEADINESS * between.mean() + FLICKER * flicker.mean()


def _bounded(values: Tensor) -> Tensor:
    """As they are up to LARGE, and by their roots above: no crop may throw a network out of what it has learned."""
    return values.clamp(max=LARGE) + 2 * LARGE * ((values / LARGE).clamp(min=1).sqrt() - 1)
