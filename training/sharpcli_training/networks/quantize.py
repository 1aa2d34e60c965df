"""Quantisation-aware training: the network computes with the 8-bit weights and features an INT8 engine will use."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from sharpcli_training.networks.blocks import PlainConv

LEVELS = 255
"""Features are never negative (pixels, or after a ReLU): unsigned, zero stays zero."""
WEIGHT_LEVELS = 127


class Rounding(nn.Module):
    """Runs one convolution on rounded inputs and weights; the step of the inputs is learned (LSQ, Esser et al., 2020).

    Weights have one step per output channel, from their own largest value; biases stay exact, as engines keep them in
    32 bits.
    """

    def __init__(self) -> None:
        super().__init__()
        # As a logarithm, so that no update can make the step negative and all layers learn at the same pace.
        self.log_step = nn.Parameter(torch.zeros(()))

    def fix(self, step: float) -> None:
        """Use this step and never learn another."""
        nn.init.constant_(self.log_step, math.log(step))
        self.log_step.requires_grad_(False)

    def calibrate(self, features: Tensor) -> None:
        """Start from the step that covers all but the rarest of these features."""
        nn.init.constant_(self.log_step, float(covering_log_step(features, 0.9995)))

    def forward(self, features: Tensor, layer: PlainConv) -> Tensor:
        """What `layer` makes of the rounded features with its rounded weights."""
        # LSQ's scale of the step's gradient, which else grows with the features that share the step.
        scale = (features[0].numel() * LEVELS) ** -0.5
        value = self.log_step.detach()
        step = (value + scale * (self.log_step - value)).exp()
        rounded = whole((features / step).clamp(0, LEVELS)) * step
        matrix = layer.matrix()
        rows = weight_step(matrix)
        weight = (whole(matrix / rows) * rows).view_as(layer.kernel())
        return nn.functional.conv2d(rounded, weight, layer.bias, layer.stride, layer.padding)


@contextmanager
def exact_products(wanted: bool) -> Iterator[None]:
    """Within, if `wanted`, convolutions on a GPU multiply float32 numbers as they are.

    With TF32, which is cuDNN's default, numbers keep 10 bits: fewer than an INT8 engine's sums.
    """
    usual = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = usual and not wanted
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = usual


def weight_step(matrix: Tensor) -> Tensor:
    """The rounding step of each row of a weight matrix, rows x 1; never zero."""
    return (matrix.detach().abs().amax(1, keepdim=True) / WEIGHT_LEVELS).clamp(min=1e-12)


def covering_log_step(features: Tensor, share: float) -> Tensor:
    """Log of the step whose levels cover this share of the features, as far as a million of them tell; a scalar."""
    some = features.flatten()[:: max(1, features.numel() // 1_000_000)].float()
    return (torch.quantile(some, share).clamp(min=1e-6) / LEVELS).log()


def whole(values: Tensor) -> Tensor:
    """Whole numbers, with the gradient of no rounding at all (Bengio et al., 2013)."""
    return values + (values.round() - values).detach()
