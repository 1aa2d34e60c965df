"""Turns the exported network of a quantised student into the INT8 form of ONNX: integer weights, rounded features."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from sharpcli_training.networks.quantize import weight_step
from sharpcli_training.networks.student import Student


def quantize_model(model: onnx.ModelProto, student: Student) -> None:
    """Rewrite every convolution of `model`, in place, to what `student` computed while it learned.

    Features pass a QuantizeLinear and a DequantizeLinear (ONNX, uint8, zero point 0), weights are stored as int8 with
    one scale per output channel; an engine makes integer convolutions of the pair, and every other engine still gets
    the right values. What is added to the image stays float.
    """
    graph = model.graph
    nodes, index = [], 0
    for node in graph.node:
        if node.op_type == "Conv":
            layer, rounding = student.convs[index], student.roundings[index]
            step = float(rounding.log_step.detach().exp())
            rows = weight_step(layer.matrix())
            integers = (layer.matrix() / rows).round().view_as(layer.kernel()).detach().numpy().astype(np.int8)
            constants, pairs = quantized(index, node.input[0], step, integers, rows[:, 0].numpy())
            graph.initializer.extend(constants)
            nodes += pairs
            node.input[0], node.input[1] = f"rounded{index}", f"kernel{index}"
            index += 1
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    onnx.checker.check_model(model)


def quantized(
    index: int, features: str, step: float, integers: NDArray[np.int8], rows: NDArray[np.float32]
) -> tuple[list[onnx.TensorProto], list[onnx.NodeProto]]:
    """Constants and nodes that round the inputs of convolution number `index`: they give `rounded{index}` from its
    features with this step, and `kernel{index}` from its integer weights with a step (`rows`) per output channel.
    """
    values: dict[str, NDArray[Any]] = {
        f"step{index}": np.array(step, np.float32),
        f"zero{index}": np.array(0, np.uint8),
        f"rows{index}": rows,
        f"zeros{index}": np.zeros(len(rows), np.int8),
        f"weight{index}": integers,
    }
    grid = [f"step{index}", f"zero{index}"]
    kernel = [f"weight{index}", f"rows{index}", f"zeros{index}"]
    nodes = [
        helper.make_node("QuantizeLinear", [features, *grid], [f"levels{index}"]),
        helper.make_node("DequantizeLinear", [f"levels{index}", *grid], [f"rounded{index}"]),
        helper.make_node("DequantizeLinear", kernel, [f"kernel{index}"], axis=0),
    ]
    return [numpy_helper.from_array(array, name) for name, array in values.items()], nodes
