"""What all exports to ONNX share."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LICENCE = "Apache-2.0; the training images have terms of their own"
SMALL = 256
"""Tensors of fewer values stay float32 in a half-size file: biases weigh nothing and matter more."""


def without_traces(model: onnx.ModelProto) -> None:
    """Drop the exporter's notes of which line of which file on this machine each node came from, in place.

    They are of no use to anyone, and differ from machine to machine for the very same network.
    """
    for part in (model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]
        part.ClearField("doc_string")
    del model.metadata_props[:]


def halve(model: onnx.ModelProto) -> None:
    """Turn the large weights into float16 followed by a cast back, which the engine folds when it loads the file."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < SMALL:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
