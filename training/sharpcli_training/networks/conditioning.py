"""What turns a degradation vector into biases and scales of hidden layers (FiLM, Perez et al., 2018)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from sharpcli_training.networks.vector import LENGTH


def conditioning(channels: int, layers: int, hidden: int) -> nn.Sequential:
    """A small network from the vector to a bias and a scale for each channel of each layer; at first, all zero."""
    last = nn.Linear(hidden, 2 * channels * layers)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(LENGTH, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), last)


def biases_and_scales(network: nn.Module, vector: Tensor, layers: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Two tensors, N x layers x channels x 1 x 1: what is added, and what is multiplied with (1 by default).

    Computed in float32 whatever the convolutions use: it costs nothing, and all layers hang on it.
    """
    with torch.autocast(vector.device.type, enabled=False):
        both: Tensor = network(vector.float()).view(len(vector), layers, 2, -1, 1, 1)
    biases, scales = both.to(dtype).unbind(2)
    return biases, scales + 1


def conditioned(features: Tensor, bias: Tensor, scale: Tensor, slope: float = 0.0) -> Tensor:
    """ReLU, leaky by `slope`, of features times scale plus bias; both are N x channels x 1 x 1."""
    out: Tensor = _Conditioned.apply(features, bias, scale, slope)  # type: ignore[no-untyped-call]
    return out


class _Conditioned(torch.autograd.Function):
    """Written out because autograd would run, and launch, half as much again for it."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, bias: Tensor, scale: Tensor, slope: float) -> Tensor:
        out = torch.addcmul(bias, features, scale)
        out = leaky_relu(out, slope, inplace=True) if slope else out.relu_()
        ctx.save_for_backward(features, scale, out)
        ctx.slope = slope
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        features, scale, out = ctx.saved_tensors
        # Where the output is positive, so was the input.
        grad = torch.ops.aten.leaky_relu_backward(grads[0], out, ctx.slope, True)
        sums = [values.sum((2, 3), keepdim=True) for values in (grad, grad * features)]
        return grad * scale, sums[0], sums[1], None


def compute_dtype(pixels: Tensor) -> torch.dtype:
    """The type that convolutions of these pixels come out as, autocast or not."""
    device = pixels.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else pixels.dtype
