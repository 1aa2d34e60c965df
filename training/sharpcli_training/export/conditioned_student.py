"""The ONNX graph of a conditioned student, FP32 or INT8, written node by node."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from sharpcli_training.export.kernels import unshuffled
from sharpcli_training.export.qdq import quantized
from sharpcli_training.networks.conditioned import ConditionedStudent, row_steps
from sharpcli_training.networks.quantize import WEIGHT_LEVELS
from sharpcli_training.networks.vector import LENGTH

OPSET, IR_VERSION = 18, 10
"""What engines of the last years read."""


@torch.no_grad()
def student_to_onnx(student: ConditionedStudent) -> onnx.ModelProto:
    """The model: inputs `pixels` (1 x 1 x H x W, even) and `degradation` (1 x 29), output `sharpened`.

    A quantised student's convolutions get the pairs of QuantizeLinear and DequantizeLinear that engines turn into
    integer arithmetic; what follows the vector, and what is added to the image, stays float.
    """
    graph = _Graph()
    code = _code(graph, student)
    features = "pixels"
    for index in range(student.layers + 2):
        features = _convolution(graph, student, index, features)
        if index <= student.layers:
            features = _conditioned(graph, student, index, features, code)
    change = graph.add("DepthToSpace", [features], "change", blocksize=2, mode="CRD")
    graph.add("Add", ["pixels", change], "sharpened")
    plane: list[int | str] = [1, 1, "height", "width"]
    return graph.model(
        [_port("pixels", plane), _port("degradation", [1, LENGTH])], [_port("sharpened", plane)], "student"
    )


class _Graph:
    """Nodes and constants as they come."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def extend(self, constants: Iterable[onnx.TensorProto], nodes: Iterable[onnx.NodeProto]) -> None:
        self._constants.extend(constants)
        self._nodes.extend(nodes)

    def model(
        self, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto], name: str
    ) -> onnx.ModelProto:
        graph = helper.make_graph(self._nodes, name, inputs, outputs, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model


def _port(name: str, shape: Sequence[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _array(values: torch.Tensor | None) -> NDArray[np.float32]:
    assert values is not None
    return values.detach().cpu().float().numpy()


def _code(graph: _Graph, student: ConditionedStudent) -> str:
    """Biases and scales of all layers, layers x (2 * channels) x 1 x 1."""
    code = "degradation"
    for index, layer in enumerate(student.mlp):
        if isinstance(layer, torch.nn.Linear):
            weight = graph.constant(f"mlp{index}.weight", _array(layer.weight))
            bias = graph.constant(f"mlp{index}.bias", _array(layer.bias))
            code = graph.add("Gemm", [code, weight, bias], f"code{index}", transB=1)
        else:
            code = graph.add("Relu", [code], f"{code}.relu")
    shape = graph.constant("code.shape", np.array([student.layers + 1, 2 * student.channels, 1, 1], np.int64))
    return graph.add("Reshape", [code, shape], "code")


def _convolution(graph: _Graph, student: ConditionedStudent, index: int, features: str) -> str:
    layer = student.stack[index]
    weight = _array(layer.weight)
    attributes: dict[str, Any] = {"kernel_shape": [3, 3], "pads": [1] * 4}
    if index == 0:
        # Pixel-unshuffle and 3x3 in one: no shuffle for the engine to run.
        weight = unshuffled(weight)
        attributes = {"kernel_shape": [6, 6], "strides": [2, 2], "pads": [2] * 4}
    if student.quantized:
        steps = _array(row_steps(layer.weight))
        whole = np.clip(np.rint(weight / steps), -WEIGHT_LEVELS, WEIGHT_LEVELS).astype(np.int8)
        graph.extend(*quantized(index, features, float(student.step(index)), whole, steps.reshape(-1)))
        features, kernel = f"rounded{index}", f"kernel{index}"
    else:
        kernel = graph.constant(f"weight{index}", weight)
    bias = graph.constant(f"bias{index}", _array(layer.bias))
    return graph.add("Conv", [features, kernel, bias], f"conv{index}", **attributes)


def _conditioned(graph: _Graph, student: ConditionedStudent, index: int, features: str, code: str) -> str:
    """Features times (1 + scale) plus bias, then ReLU."""

    def part(name: str, first: int, last: int) -> str:
        begin = graph.constant(f"{name}{index}.from", np.array([index, first], np.int64))
        end = graph.constant(f"{name}{index}.to", np.array([index + 1, last], np.int64))
        axes = graph.constant(f"{name}{index}.axes", np.array([0, 1], np.int64))
        return graph.add("Slice", [code, begin, end, axes], f"{name}{index}")

    channels = student.channels
    one = graph.constant(f"one{index}", np.array(1, np.float32))
    scale = graph.add("Add", [part("stretch", channels, 2 * channels), one], f"scale{index}")
    scaled = graph.add("Mul", [features, scale], f"scaled{index}")
    shifted = graph.add("Add", [scaled, part("shift", 0, channels)], f"shifted{index}")
    return graph.add("Relu", [shifted], f"features{index}")
