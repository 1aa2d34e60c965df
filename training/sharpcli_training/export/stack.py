"""Reads a student back from its ONNX file, FP32 or INT8: what other formats start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.plugin.cards import read_card

Floats = NDArray[np.float32]
FACTS = ("name", "sha256", "receptive_radius", "kmac_per_pixel", "scores")
"""What formats take from a card."""


@dataclass(frozen=True)
class Rounding:
    """Of an INT8 convolution: the step of its inputs (levels 0 to 255) and of each output's weights (-127 to 127)."""

    step: float
    rows: Floats
    whole: NDArray[np.int8]
    """Outputs x inputs x 3 x 3."""


@dataclass(frozen=True)
class Convolution:
    """3x3 at half resolution, zeros beyond the edges; inputs of the first and outputs of the last are the 2x2 block."""

    weight: Floats
    """Outputs x inputs x 3 x 3; of an INT8 one its whole weights times their steps."""
    bias: Floats
    rounding: Rounding | None = None


@dataclass(frozen=True)
class StudentStack:
    """Luma in [0, 1] through pixel-unshuffle, convolutions (ReLU between them) and pixel-shuffle, added to itself."""

    convolutions: tuple[Convolution, ...]
    mlp: tuple[tuple[Floats, Floats], ...]
    """Weight (outputs x inputs) and bias of the layers, ReLU between them, from the vector to layers x 2 x channels:
    the biases and, less one, the scales of every convolution but the last; empty for a student that is told nothing."""
    card: dict[str, Any]

    @property
    def channels(self) -> int:
        """Features of the hidden layers."""
        return len(self.convolutions[0].bias)

    @property
    def conditioned(self) -> int:
        """Length of the degradation vector, 0 where there is none."""
        return int(self.mlp[0][0].shape[1]) if self.mlp else 0

    def told(self, vector: tuple[float, ...]) -> StudentStack:
        """The plain student that this one is for a degradation vector: scale and bias folded into the convolutions."""
        code = np.array(vector, np.float32)
        for index, (weight, bias) in enumerate(self.mlp):
            code = weight @ code + bias
            code = code if index + 1 == len(self.mlp) else np.maximum(code, 0)
        folded = []
        for one, (shift, stretch) in zip(self.convolutions, code.reshape(-1, 2, self.channels), strict=False):
            scale = 1 + stretch
            rounding = one.rounding and replace(one.rounding, rows=one.rounding.rows * scale)
            folded.append(Convolution(one.weight * scale[:, None, None, None], one.bias * scale + shift, rounding))
        return replace(self, convolutions=(*folded, self.convolutions[-1]), mlp=())


def read_student(path: Path) -> StudentStack:
    """The student of an ONNX file with its card beside it; raises SharpError for any other network."""
    try:
        model = onnx.load(path)
    except Exception as error:  # protobuf's own, which is not public
        raise SharpError(f"{shown(path.name)} is not an ONNX file: give that of a student") from error
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    makers = {name: node for node in model.graph.node for name in node.output}
    layers = [node for node in model.graph.node if node.op_type == "Conv"]
    dense = [node for node in model.graph.node if node.op_type == "Gemm"]
    known = {"Conv", "Relu", "Add", "Mul", "Slice", "Gemm", "Reshape", "DepthToSpace"}
    known |= {"QuantizeLinear", "DequantizeLinear"}
    strange = {node.op_type for node in model.graph.node} - known
    if strange or len(layers) < 2 or len(values[layers[-1].input[2]]) != 4:
        raise SharpError(f"{shown(path.name)} is not a student: give the ONNX file of one")
    convolutions = [_convolution(node, makers, values) for node in layers]
    card = read_card(path)
    if lacking := [name for name in FACTS if name not in card]:
        raise SharpError(f"the card of {shown(path.name)} lacks {', '.join(lacking)}: give the one of its export")
    mlp = tuple((values[node.input[1]], values[node.input[2]]) for node in dense)
    return StudentStack(tuple(convolutions), mlp, card)


def _convolution(node: onnx.NodeProto, makers: dict[str, onnx.NodeProto], values: dict[str, Any]) -> Convolution:
    kernel, bias = node.input[1], values[node.input[2]]
    if kernel in values:
        return Convolution(_shuffled(values[kernel]), bias)
    step = float(values[makers[node.input[0]].input[1]])
    whole, rows = (values[name] for name in makers[kernel].input[:2])
    whole = _shuffled(whole)
    return Convolution(whole * rows[:, None, None, None], bias, Rounding(step, rows, whole))


def _shuffled(weight: NDArray[Any]) -> NDArray[Any]:
    """A 6x6 kernel with stride 2 on a plane as the 3x3 kernel on its four phases that it is; 3x3 ones as they are."""
    if weight.shape[2:] != (6, 6):
        return weight
    phases = [weight[:, 0, phase // 2 :: 2, phase % 2 :: 2] for phase in range(4)]
    return np.ascontiguousarray(np.stack(phases, 1))
