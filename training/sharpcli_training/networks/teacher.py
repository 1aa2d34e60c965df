"""The teacher: ResNet-18's first layers as encoder, a half-resolution trunk, and a residual on RGB."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models import ResNet, resnet18
from torchvision.models.resnet import BasicBlock

from sharpcli.errors import SharpError
from sharpcli_training.networks.base import RestorationNetwork
from sharpcli_training.networks.encoder import IMAGENET_MEAN, IMAGENET_STD, encoded

WIDTHS = (64, 128, 256, 512)


class Teacher(RestorationNetwork):
    """RGB in, RGB out (N x 3 x H x W, [0, 1], H and W multiples of `tile_multiple`).

    ResNet-18 (He et al., 2016) keeps its own 7x7 stride-2 stem, whose grid already is the half resolution of the
    trunk, loses its max-pool, and has its batch-norm folded into the convolutions. The trunk is EDSR's (Lim et al.,
    2017).
    """

    color = "rgb"
    ends = ("stem.", "detail.", "laterals.", "tail.")
    mean: Tensor
    std: Tensor

    def __init__(self, channels: int, layers: int, encoder_layers: int = 3) -> None:
        super().__init__()
        encoder = folded_resnet18()
        self.tile_multiple = 2**encoder_layers
        self.stem = encoder.conv1
        self.stages = nn.ModuleList([encoder.layer1, encoder.layer2, encoder.layer3, encoder.layer4][:encoder_layers])
        widths = WIDTHS[:encoder_layers]
        self.laterals = nn.ModuleList(
            nn.Conv2d(width, lower, 1) for width, lower in zip(widths, (channels, *widths), strict=False)
        )
        # The stem was made to recognise things; the trunk also needs every input pixel as it is.
        self.detail = nn.Conv2d(3, channels, 6, stride=2, padding=2)
        self.trunk = nn.Sequential(*(ResidualBlock(channels) for _ in range(layers)))
        self.tail = nn.Conv2d(channels, 12, 3, padding=1)
        for parameter in self.tail.parameters():
            nn.init.zeros_(parameter)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))

    def gates(self) -> dict[str, nn.Module]:
        """The stem, and the first convolution of each block of the encoder and the trunk."""
        layers = {"stem": self.stem}
        for name, block in self.named_modules():
            if isinstance(block, BasicBlock):
                layers[name] = block.conv1
            elif isinstance(block, ResidualBlock):
                layers[name] = block.first
        return layers

    def forward(self, pixels: Tensor) -> Tensor:
        """The sharpened RGB, same shape."""
        decoded = encoded((pixels - self.mean) / self.std, self.stem, self.stages, self.laterals)
        features = self.detail(pixels) + self.laterals[0](decoded)
        features = features + self.trunk(features)
        return pixels + nn.functional.pixel_shuffle(self.tail(features), 2)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a ReLU, added to their input; no normalisation, which costs range and PSNR."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        with torch.no_grad():
            self.second.weight.mul_(0.1)

    def forward(self, features: Tensor) -> Tensor:
        """Features of the same shape."""
        out: Tensor = features + self.second(torch.relu(self.first(features)))
        return out


def folded_resnet18(state: dict[str, Tensor] | None = None) -> ResNet:
    """Return ResNet-18 with every batch-norm folded into its convolution, from a torchvision state if given."""
    network = resnet18(weights=None)
    if state is not None:
        network.load_state_dict(state)
    network.eval()
    network.conv1 = fuse_conv_bn_eval(network.conv1, network.bn1)
    network.bn1 = nn.Identity()
    for block in network.modules():
        if not isinstance(block, BasicBlock):
            continue
        block.conv1 = fuse_conv_bn_eval(block.conv1, block.bn1)
        block.conv2 = fuse_conv_bn_eval(block.conv2, block.bn2)
        block.bn1, block.bn2 = nn.Identity(), nn.Identity()
        if block.downsample is not None:
            block.downsample = nn.Sequential(fuse_conv_bn_eval(block.downsample[0], block.downsample[1]))
    return network


def load_encoder(teacher: Teacher, path: Path) -> None:
    """Initialise the encoder from ImageNet weights: torchvision's .pth, or .safetensors with batch-norm folded.

    Raises SharpError when the file lacks a tensor that the encoder has.
    """
    if path.suffix == ".safetensors":
        given = {key: value.float() for key, value in load_file(path).items()}
    else:
        given = folded_resnet18(torch.load(path, weights_only=True)).state_dict()
    renamed = {_own_name(key): value for key, value in given.items()}
    wanted = [key for key in teacher.state_dict() if key.startswith(("stem.", "stages."))]
    missing = [key for key in wanted if key not in renamed]
    if missing:
        raise SharpError(f"{path} is not a ResNet-18 weights file: it has no tensor for {missing[0]}")
    teacher.load_state_dict({key: renamed[key] for key in wanted}, strict=False)


def _own_name(key: str) -> str:
    """Return torchvision's `layer2.0.conv1.weight` as our `stages.1.0.conv1.weight`."""
    head, _, rest = key.partition(".")
    if head == "conv1":
        return f"stem.{rest}"
    if head.startswith("layer"):
        return f"stages.{int(head[5:]) - 1}.{rest.replace('downsample.1', 'downsample.0')}"
    return key
