"""Small constant tensors, made once a device: copying one from the host cannot be captured in a CUDA graph."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor


@cache
def constant(values: tuple[float, ...], device: torch.device, dtype: torch.dtype = torch.float32) -> Tensor:
    """These values on a device; not to be changed in place."""
    return torch.tensor(values, dtype=dtype, device=device)


def per_image(values: Tensor) -> Tensor:
    """N numbers as N x 1 x 1 x 1, to combine with a batch of images."""
    return values.view(-1, 1, 1, 1)
