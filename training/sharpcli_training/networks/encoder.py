"""What both teachers share: the ImageNet normalisation, and the pyramid that brings the encoder to half resolution."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, nn
from torch.nn.functional import interpolate, relu

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def encoded(normalised: Tensor, stem: nn.Module, stages: Iterable[nn.Module], laterals: nn.ModuleList) -> Tensor:
    """What an encoder saw, N x C x H / 2 x W / 2: each stage's features, enlarged and added to those of the one before.

    `laterals` are the 1x1 convolutions from a stage's width to the width below it; the first is left to the caller.
    """
    features = relu(stem(normalised))
    levels = []
    for stage in stages:
        features = stage(features)
        levels.append(features)
    decoded: Tensor = levels.pop()
    for lateral in reversed(laterals[1:]):
        raised = interpolate(lateral(decoded), scale_factor=2.0, mode="nearest")
        decoded = levels.pop() + raised
    return decoded
