"""Which channels a network makes use of: one whose ReLU never opens gets no gradient and stays as it is for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from sharpcli_training.networks.base import RestorationNetwork


@contextmanager
def watched(network: RestorationNetwork) -> Iterator[Callable[[], dict[str, float]]]:
    """Within, all that `network` computes is watched.

    Gives a function that says what share of each hidden layer's channels has not fired yet, by the layer's name.
    """
    fired: dict[str, Tensor] = {}

    def watch(name: str) -> Callable[[Any, Any, Tensor], None]:
        def look(layer: Any, inputs: Any, features: Tensor) -> None:
            fires = features.detach().amax((0, 2, 3)) > 0
            fired[name] = fires | fired[name] if name in fired else fires

        return look

    hooks = [layer.register_forward_hook(watch(name)) for name, layer in network.gates().items()]
    try:
        yield lambda: {name: 1 - float(fires.float().mean()) for name, fires in fired.items()}
    finally:
        for hook in hooks:
            hook.remove()


@torch.no_grad()
def dead_layers(network: RestorationNetwork, pixels: Tensor) -> list[str]:
    """Names of the hidden layers that fire nowhere on these pixels, N x C x H x W: nothing before them can learn."""
    with watched(network) as shares:
        network(pixels)
        return [name for name, share in shares().items() if share == 1]
