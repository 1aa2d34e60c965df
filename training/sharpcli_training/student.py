"""The student: a plain stack of convolutions on luma that a CPU runs in real time."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sharpcli_training.base import RestorationNetwork


class Student(RestorationNetwork):
    """Luma in, luma out (N x 1 x H x W, [0, 1], H and W even): 3x3 convolutions at half resolution and a residual."""

    colour = "luma"
    align = 2

    def __init__(self, channels: int, layers: int) -> None:
        super().__init__()
        # A 6x6 convolution with stride 2 is pixel-unshuffle(2) and a 3x3 convolution in one: same weights, same
        # result, and no shuffle for the inference engine to run.
        self.head = nn.Conv2d(1, channels, 6, stride=2, padding=2)
        self.body = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for _ in range(layers))
        self.tail = nn.Conv2d(channels, 4, 3, padding=1)
        for layer in (self.head, *self.body):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        # A zero residual: training starts from the untouched input instead of having to find it first.
        for parameter in self.tail.parameters():
            nn.init.zeros_(parameter)

    def forward(self, pixels: Tensor) -> Tensor:
        """The sharpened luma, same shape."""
        features = torch.relu(self.head(pixels))
        for layer in self.body:
            features = torch.relu(layer(features))
        return pixels + nn.functional.pixel_shuffle(self.tail(features), 2)
