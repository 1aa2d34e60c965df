"""The conditioned student: a plain stack on luma whose hidden layers follow the degradation vector."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from sharpcli_training.networks.conditioning import biases_and_scales, compute_dtype, conditioned, conditioning
from sharpcli_training.networks.quantize import LEVELS, covering_log_step, weight_step, whole

COVERED = 0.9998
"""Share of the features that a rounding step's range covers at first; the rest is clipped."""


class ConditionedStudent(nn.Module):
    """Luma (N x 1 x H x W in [0, 1], H and W even) and degradation vector (N x 29) in, luma out.

    Like `Student`, 3x3 convolutions at half resolution and a residual. With the vector fixed, bias and scale fold into
    the convolutions, so it costs what the plain stack does.
    """

    def __init__(self, channels: int, layers: int, hidden: int = 64) -> None:
        super().__init__()
        self.channels, self.layers, self.hidden = channels, layers, hidden
        widths = [4, *[channels] * (layers + 1), 4]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))
        for layer in self.stack:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(cast("Tensor", layer.bias))
        # A zero residual: training starts from the untouched input instead of having to find it first.
        nn.init.zeros_(self.stack[-1].weight)
        self.mlp = conditioning(channels, layers + 1, hidden)
        self.slope = 0.0
        """Of the activations below zero; above 0 while learning, so that no channel can die early on."""
        self.log_step: nn.Parameter | None = None

    @property
    def stack(self) -> list[nn.Conv2d]:
        """The convolutions from first to last."""
        return cast("list[nn.Conv2d]", list(self.convs))

    @property
    def quantized(self) -> bool:
        """Whether it computes with 8-bit features and weights."""
        return self.log_step is not None

    def quantize(self) -> None:
        """From now on compute with 8-bit features (a learned step a layer, LSQ, Esser et al., 2020) and weights."""
        self.log_step = nn.Parameter(torch.zeros(len(self.convs), device=self.stack[0].weight.device))

    def forward(self, pixels: Tensor, vector: Tensor, seen: list[Tensor] | None = None) -> Tensor:
        """The restored luma, same shape; `seen` receives each hidden layer's features."""
        both = biases_and_scales(self.mlp, vector, self.layers + 1, compute_dtype(pixels))
        biases, scales = (values.unbind(1) for values in both)
        features = functional.pixel_unshuffle(pixels, 2).contiguous(memory_format=torch.channels_last)
        for index in range(self.layers + 1):
            features = self._convolved(index, features)
            features = conditioned(features, biases[index], scales[index], self.slope)
            if seen is not None:
                seen.append(features)
        # The residual is added outside of what is quantised: rounding the image itself would cost far more.
        return pixels + functional.pixel_shuffle(self._convolved(self.layers + 1, features).float(), 2)

    @torch.no_grad()
    def calibrate(self, pixels: Tensor, vector: Tensor) -> None:
        """Set the rounding steps from the features of these pixels; the first layer's are levels already."""
        steps, self.log_step = self.log_step, None
        assert steps is not None
        seen: list[Tensor] = []
        self(pixels, vector, seen)
        self.log_step = steps
        for index, features in enumerate(seen, 1):
            steps[index] = covering_log_step(features, COVERED)

    def step(self, index: int) -> Tensor:
        """The rounding step of a convolution's input, a scalar; only when quantised."""
        assert self.log_step is not None
        return self.log_step[index].exp() if index else torch.full_like(self.log_step[0], 1 / LEVELS)

    def _convolved(self, index: int, features: Tensor) -> Tensor:
        layer = self.stack[index]
        if self.log_step is None:
            return cast("Tensor", layer(features))
        step = self.step(index)
        features = whole((features / step).clamp(0, LEVELS)) * step
        rows = row_steps(layer.weight)
        return functional.conv2d(features, whole(layer.weight / rows) * rows, layer.bias, padding=1)


def row_steps(weight: Tensor) -> Tensor:
    """The rounding step of each output channel's weights, outputs x 1 x 1 x 1; never zero."""
    return weight_step(weight.flatten(1)).view(-1, 1, 1, 1)
