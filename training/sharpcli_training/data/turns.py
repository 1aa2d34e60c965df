"""The eight ways to turn and mirror a square: 0-3 are quarter turns as NumPy's `rot90` makes them, 4-7 mirror those."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

TURNS = 8


def turned(crops: Tensor, turns: Tensor) -> Tensor:
    """Crops, N x ... x S x S, each turned in its way; `turns` has N numbers below TURNS on the same device."""
    flat = crops.reshape(len(crops), -1, crops.shape[-1] ** 2)
    sources = _sources(crops.shape[-1], crops.device)[turns]
    return flat.gather(2, sources[:, None].expand_as(flat)).view_as(crops)


def turned_back(crops: Tensor, turns: Tensor) -> Tensor:
    """Undo `turned`; a mirrored quarter turn undoes itself."""
    return turned(crops, torch.where(turns < 4, -turns % 4, turns))


@cache
def _sources(side: int, device: torch.device) -> Tensor:
    """Where each pixel of a turned square comes from, TURNS x side²; made once a size and device."""
    square = torch.arange(side * side).view(side, side)
    ways = [square.rot90(turn) for turn in range(4)]
    ways += [way.flip(1) for way in ways]
    return torch.stack(ways).flatten(1).to(device)
