"""What an estimator of degradations is trained to make small."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, smooth_l1_loss

from sharpcli_training.data.degradation.draw import Draw
from sharpcli_training.data.degradation.vector import findings
from sharpcli_training.networks.estimator import HEADS, NOISE_OFFSET, SIZES, split
from sharpcli_training.networks.vector import AUDIBLE

CLASSES = {"kind": 2.0, "up": 1.0, "down": 1.0}
CHOICES = {"linear": 0.3, "resampled": 1.0, "jpeg_before": 1.0, "jpeg": 1.0}
ANGLES = ("anisotropy", "direction")
"""Heads by what they are, with the weight of those that have one."""


@dataclass(frozen=True)
class Target:
    """What a head should say, and where (1) that can be asked."""

    value: Tensor
    counts: Tensor | None = None


def targets(draw: Draw) -> dict[str, Target]:
    """What every head should say of a batch."""
    truth = findings(draw)
    kind = torch.where(draw.blur, draw.kind + 1, 0)
    gaussian, disc, motion = ((kind == index).float() for index in (1, 2, 3))
    resampled = truth.resampled
    return {
        "kind": Target(kind),
        "sigma": Target(truth.sigma.log(), gaussian),
        "anisotropy": Target(truth.anisotropy, gaussian),
        "radius": Target(truth.radius.log(), disc),
        "length": Target(truth.length.log(), motion),
        "direction": Target(truth.direction, motion),
        "linear": Target(truth.linear, draw.blur.float()),
        "resampled": Target(resampled),
        "scale": Target(truth.log_scale, resampled),
        "up": Target(draw.up, resampled),
        "down": Target(draw.down, resampled),
        "jpeg_before": Target(truth.jpeg_before, resampled),
        "jpeg_before_loss": Target(truth.jpeg_before_loss, truth.jpeg_before),
        "noise": Target((truth.noise + NOISE_OFFSET).log()),
        "correlation": Target(truth.correlation, (truth.noise > AUDIBLE).float()),
        "sharpened": Target(truth.sharpened),
        "jpeg": Target(truth.jpeg),
        "jpeg_loss": Target(truth.jpeg_loss, truth.jpeg),
        "exponent": Target(truth.exponent, gaussian),
    }


def estimator_loss(outputs: Tensor, draw: Draw) -> Tensor:
    """The sum over heads of each one's mean loss, for raw outputs, N x 36."""
    total = torch.zeros((), device=outputs.device)
    heads, wanted = split(outputs), targets(draw)
    for name in HEADS:
        loss, counts = _loss(name, heads[name], wanted[name].value), wanted[name].counts
        total = total + (loss if counts is None else loss * counts).mean()
    return total


def _loss(name: str, said: Tensor, wanted: Tensor) -> Tensor:
    """Of one head, per patch."""
    if name in CLASSES:
        return CLASSES[name] * cross_entropy(said, wanted, reduction="none")
    if name in CHOICES:
        return CHOICES[name] * binary_cross_entropy_with_logits(said[:, 0], wanted, reduction="none")
    if name in ANGLES:
        return smooth_l1_loss(said, wanted, beta=0.2, reduction="none").sum(1)
    if name in SIZES:  # Laplace's likelihood, with its own idea of the spread (Kendall & Gal, 2017)
        doubt = said[:, 1].clamp(-5, 3)
        return (said[:, 0] - wanted).abs() * (-doubt).exp() + doubt
    return smooth_l1_loss(said[:, 0], wanted, beta=0.1, reduction="none")
