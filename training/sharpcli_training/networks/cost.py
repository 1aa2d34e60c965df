"""What a network costs and how far it sees, measured on the network itself."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sharpcli_training.networks.base import RestorationNetwork
from sharpcli_training.networks.blocks import PlainConv


@torch.no_grad()
def kmac_per_pixel(network: RestorationNetwork, side: int = 128) -> float:
    """Thousands of multiply-accumulates in convolutions per output pixel."""
    macs = 0

    def count(layer: nn.Module, inputs: tuple[Tensor, ...], out: Tensor) -> None:
        nonlocal macs
        assert isinstance(layer, nn.Conv2d | PlainConv)
        macs += out.numel() * layer.weight[0].numel()

    hooks = [m.register_forward_hook(count) for m in network.modules() if isinstance(m, nn.Conv2d | PlainConv)]
    network(torch.zeros(1, network.channels_in, side, side))
    for hook in hooks:
        hook.remove()
    return macs / side**2 / 1000


def parameters(network: RestorationNetwork) -> int:
    """The number of trained values."""
    return sum(parameter.numel() for parameter in network.parameters())


def receptive_radius(network: RestorationNetwork) -> int:
    """The radius in pixels that one output pixel depends on, for the pixel that sees farthest.

    `network` is spoilt for use: every weight is made positive, so that no path can cancel another or end at a ReLU.
    """
    for parameter in network.parameters():
        nn.init.constant_(parameter, 1.0 / parameter[0].numel() if parameter.dim() > 1 else 0.01)
    side = 64
    # What is seen up to the edge may reach farther on a larger image.
    while (farthest := _farthest(network, side)) >= side // 2 - network.tile_multiple:
        side *= 2
    return farthest


def _farthest(network: RestorationNetwork, side: int) -> int:
    """How far from the middle of an image of this side a pixel of its first tile sees."""
    farthest = 0
    middle = side // 2 // network.tile_multiple * network.tile_multiple
    pixels = torch.full((1, network.channels_in, side, side), 0.9, requires_grad=True)
    result = network(pixels)[0]
    for phase in range(network.tile_multiple):
        place = middle + phase
        (slope,) = torch.autograd.grad(result[:, place, place].sum(), pixels, retain_graph=True)
        seen = torch.nonzero(slope.abs().sum((0, 1)).sum(0)).flatten() - place
        farthest = max(farthest, int(seen.abs().max()))
    return farthest
