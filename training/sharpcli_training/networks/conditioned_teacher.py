"""The conditioned teacher: ResNet-18's first layers as encoder and a trunk whose blocks follow the vector."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle

from sharpcli_training.networks.conditioning import biases_and_scales, compute_dtype, conditioning
from sharpcli_training.networks.encoder import IMAGENET_MEAN, IMAGENET_STD, encoded

WIDTHS = (64, 128, 256)


class ConditionedTeacher(nn.Module):
    """RGB (N x 3 x H x W in [0, 1], H and W multiples of 8) and degradation vector (N x 29) in, RGB out.

    The shape is `Teacher`'s (He et al., 2016; Lim et al., 2017), and so are the names of its weights; the detail layer
    and each block's first convolution have a bias and a scale from the vector. torchvision is not needed.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self, channels: int = 64, blocks: int = 16, hidden: int = 96, widths: tuple[int, int, int] = WIDTHS
    ) -> None:
        super().__init__()
        self.channels, self.blocks, self.hidden = channels, blocks, hidden
        first, second, third = widths
        self.stem = nn.Conv2d(3, first, 7, 2, 3)
        stages = ((first, first, 1), (first, second, 2), (second, third, 2))
        self.stages = nn.ModuleList(
            nn.Sequential(EncoderBlock(a, b, stride), EncoderBlock(b, b, 1)) for a, b, stride in stages
        )
        self.laterals = nn.ModuleList(
            [nn.Conv2d(first, channels, 1), nn.Conv2d(second, first, 1), nn.Conv2d(third, second, 1)]
        )
        self.detail = nn.Conv2d(3, channels, 6, 2, 2)
        self.trunk = nn.ModuleList(ConditionedBlock(channels) for _ in range(blocks))
        self.tail = nn.Conv2d(channels, 12, 3, padding=1)
        for parameter in self.tail.parameters():
            nn.init.zeros_(parameter)
        self.mlp = conditioning(channels, blocks + 1, hidden)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))

    def forward(self, pixels: Tensor, vector: Tensor) -> Tensor:
        """The restored RGB, same shape."""
        biases, scales = biases_and_scales(self.mlp, vector, self.blocks + 1, compute_dtype(pixels))
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        decoded = encoded((pixels - self.mean) / self.std, self.stem, self.stages, self.laterals)
        features = self.detail(pixels) + self.laterals[0](decoded)
        start = torch.addcmul(biases[:, 0], features, scales[:, 0])
        features = start
        for index, block in enumerate(self.trunk, 1):
            features = block(features, biases[:, index], scales[:, index])
        return pixels + pixel_shuffle(self.tail(start + features).float(), 2)


class ConditionedBlock(nn.Module):
    """Two 3x3 convolutions around a ReLU, added to their input; the first is shifted and scaled."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        with torch.no_grad():
            self.second.weight.mul_(0.1)

    def forward(self, features: Tensor, bias: Tensor, scale: Tensor) -> Tensor:
        """Features of the same shape."""
        out: Tensor = features + self.second(torch.relu(torch.addcmul(bias, self.first(features), scale)))
        return out


class EncoderBlock(nn.Module):
    """ResNet's basic block, its batch norm folded into the convolutions."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1)
        short = stride > 1 or inputs != outputs
        self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride)) if short else None

    def forward(self, features: Tensor) -> Tensor:
        """Features, N x outputs x H / stride x W / stride."""
        short = features if self.downsample is None else self.downsample(features)
        return torch.relu(self.conv2(torch.relu(self.conv1(features))) + short)
