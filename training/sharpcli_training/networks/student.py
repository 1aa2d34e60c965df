"""The student: a plain stack of convolutions on luma that a CPU runs in real time."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from sharpcli_training.networks.base import RestorationNetwork
from sharpcli_training.networks.blocks import BLOCKS, PlainConv
from sharpcli_training.networks.quantize import LEVELS, Rounding


class Student(RestorationNetwork):
    """Luma in, luma out (N x 1 x H x W, [0, 1], H and W even): 3x3 convolutions at half resolution and a residual.

    `blocks` names what its layers are while they learn; `fold` gives the plain stack that ships. `quantize` computes
    with the 8-bit weights and features that an INT8 engine will use.
    """

    color = "luma"
    tile_multiple = 2

    def __init__(self, channels: int, layers: int, blocks: str = "plain", quantize: bool = False) -> None:
        super().__init__()
        self.channels, self.layers, self.quantize = channels, layers, quantize
        conv = BLOCKS[blocks]
        # A 6x6 convolution with stride 2 is pixel-unshuffle(2) and a 3x3 convolution in one: same weights, same
        # result, and no shuffle for the inference engine to run.
        first, last = conv(1, channels, side=6, stride=2), conv(channels, 4)
        self.stack = nn.ModuleList([first, *(conv(channels, channels) for _ in range(layers)), last])
        # A zero residual: training starts from the input instead of having to find it first.
        last.silence()
        self.ends = ("stack.0.", f"stack.{layers + 1}.")
        self.rounding = nn.ModuleList(Rounding() for _ in self.stack if quantize)
        if quantize:
            self.roundings[0].fix(1 / LEVELS)  # pixels are 8-bit levels already

    @property
    def convs(self) -> list[PlainConv]:
        """The convolutions from first to last."""
        return cast("list[PlainConv]", list(self.stack))

    @property
    def roundings(self) -> list[Rounding]:
        """What rounds the input of each convolution; empty unless quantised."""
        return cast("list[Rounding]", list(self.rounding))

    def gates(self) -> dict[str, nn.Module]:
        """All layers but the last; what rounds their inputs, if they are quantised, also runs them."""
        return {f"stack.{index}": layer for index, layer in enumerate([*(self.rounding or self.stack)][:-1])}

    def forward(self, pixels: Tensor) -> Tensor:
        """The sharpened luma, same shape."""
        features, roundings = pixels, self.roundings
        for index, layer in enumerate(self.convs):
            features = torch.relu(features) if index else features
            features = roundings[index](features, layer) if roundings else layer(features)
        # The residual is added outside of what is quantised: rounding the image itself would cost far more.
        return pixels + nn.functional.pixel_shuffle(features, 2)

    @torch.no_grad()
    def calibrate(self, pixels: Tensor) -> None:
        """Set the rounding steps from what each layer is given for these pixels; does nothing without `quantize`."""
        features = pixels
        for index, (layer, rounding) in enumerate(zip(self.convs, self.roundings, strict=False)):
            if index:
                rounding.calibrate(features)
            features = torch.relu(layer(features))

    def fold(self) -> Student:
        """The plain stack with the same output; 8-bit steps are kept."""
        plain = Student(self.channels, self.layers, "plain", self.quantize)
        with torch.no_grad():
            for mine, theirs in zip(self.convs, plain.convs, strict=True):
                theirs.weight.copy_(mine.matrix())
                theirs.bias.copy_(mine.bias)
        plain.rounding.load_state_dict(self.rounding.state_dict())
        return plain
