"""Convolutions that are wider while they learn than when they ship: their branches fold into one plain kernel."""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDE = 128
"""Channels between the two factors of a branch, several times what the layer itself has."""
EDGES = torch.tensor(
    [
        [[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]],
        [[1.0, 2.0, 1.0], [0.0, 0.0, 0.0], [-1.0, -2.0, -1.0]],
        [[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]],
    ]
)
"""Sobel in x and y, and the Laplacian."""


class PlainConv(nn.Module):
    """A convolution with its weight kept as a matrix, outputs x (inputs * side * side), as matrix optimisers want."""

    def __init__(self, inputs: int, outputs: int, side: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.inputs, self.outputs, self.side, self.stride = inputs, outputs, side, stride
        self.padding = (side - stride + 1) // 2
        self.weight = nn.Parameter(torch.empty(outputs, inputs * side * side))
        self.bias = nn.Parameter(torch.zeros(outputs))
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")

    def matrix(self) -> Tensor:
        """The weight that the branches amount to, outputs x (inputs * side * side)."""
        return self.weight

    def kernel(self) -> Tensor:
        """The same as outputs x inputs x side x side."""
        return self.matrix().view(self.outputs, self.inputs, self.side, self.side)

    def forward(self, features: Tensor) -> Tensor:
        """Features, N x outputs x H / stride x W / stride."""
        return nn.functional.conv2d(features, self.kernel(), self.bias, self.stride, self.padding)

    def silence(self) -> None:
        """Make the output zero for any input, without making the branches untrainable."""
        nn.init.zeros_(self.weight)


class CollapsibleConv(PlainConv):
    """SESR's linear block (Bhardwaj et al., 2022): a wide convolution, a 1x1 back, and a short cut, multiplied out.

    The product is taken of the weights, not of the features, so that a step costs little more than a plain one's.
    """

    def __init__(self, inputs: int, outputs: int, side: int = 3, stride: int = 1) -> None:
        super().__init__(inputs, outputs, side, stride)
        self.wide = nn.Parameter(torch.randn(WIDE, inputs * side * side) * (2 / (inputs * side * side)) ** 0.5)
        self.back = nn.Parameter(torch.randn(outputs, WIDE) * WIDE**-0.5)
        # What the plain weight starts with comes from the product here; the matrix itself becomes the short cut.
        nn.init.zeros_(self.weight)
        if inputs == outputs and side == 3:
            with torch.no_grad():
                self.weight.view(outputs, inputs, 3, 3)[:, :, 1, 1].fill_diagonal_(1.0)
                self.back.mul_(0.5)

    def matrix(self) -> Tensor:
        """Short cut plus the product of the two factors."""
        return self.weight + self.back @ self.wide

    def silence(self) -> None:
        """Zero the second factor only: the first still has something to pass on."""
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.back)


class EdgeConv(PlainConv):
    """ECBSR's edge-oriented block (Zhang et al., 2021): a 3x3, a widened 3x3, and 1x1s behind fixed edge filters.

    The edge filters sum to zero, so a bias before them folds to nothing and has none here. Layers of another kernel
    size have no edge branches.
    """

    edges: Tensor

    def __init__(self, inputs: int, outputs: int, side: int = 3, stride: int = 1) -> None:
        super().__init__(inputs, outputs, side, stride)
        with torch.no_grad():
            self.weight.mul_(0.5**0.5)
        self.wide = nn.Parameter(torch.randn(2 * outputs, inputs) * inputs**-0.5)
        self.back = nn.Parameter(
            torch.randn(outputs, 2 * outputs * side * side) * (0.5 / (outputs * side * side)) ** 0.5
        )
        count = len(EDGES) if side == 3 else 0
        self.mix = nn.ParameterList(nn.Parameter(torch.randn(outputs, inputs) * 0.1) for _ in range(count))
        self.scale = nn.Parameter(torch.full((count, outputs), 0.1))
        self.register_buffer("edges", EDGES.flatten(1), persistent=False)

    def matrix(self) -> Tensor:
        """The sum of all branches."""
        widened = torch.einsum("owk,wi->oik", self.back.view(self.outputs, -1, self.side**2), self.wide)
        total = self.weight.view_as(widened) + widened
        for mix, scale, edge in zip(self.mix, self.scale, self.edges, strict=False):
            total = total + (scale[:, None] * mix)[:, :, None] * edge
        return total.flatten(1)

    def silence(self) -> None:
        """Zero what comes last in each branch."""
        for last in (self.weight, self.back, self.scale):
            nn.init.zeros_(last)


BLOCKS: dict[str, type[PlainConv]] = {"plain": PlainConv, "collapsible": CollapsibleConv, "edge": EdgeConv}
