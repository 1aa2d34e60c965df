"""What turns a degradation vector into biases and scales of hidden layers (FiLM, Perez et al., 2018)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

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


def compute_dtype(pixels: Tensor) -> torch.dtype:
    """The type that convolutions of these pixels come out as, autocast or not."""
    device = pixels.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else pixels.dtype
