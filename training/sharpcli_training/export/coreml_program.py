"""Reads a Core ML program back from its .mlpackage and computes it with OpenVINO: Core ML itself is not on Linux."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sharpcli.inference.engine import openvino, ops
from sharpcli.inference.runtime import CONFIG
from sharpcli_training.export.checked import Session
from sharpcli_training.export.stack import Floats


def session(file: Path, threads: int = 1) -> Session:
    """A function from plane to plane by the operators, their attributes and weights as they are in the file.

    Weights are float16 there; features are float32 here, so what Core ML's rounding of them costs is not seen.
    """
    from coremltools.converters.mil.frontend.milproto.load import load
    from coremltools.models import MLModel

    model = MLModel(str(file), skip_model_load=True)
    version = model.get_spec().specificationVersion
    program = load(model.get_spec(), specification_version=version, file_weights_dir=model.weights_dir)
    main = program.functions["main"]
    ((name, port),) = main.inputs.items()
    pixels = ops.parameter(list(port.shape), openvino.Type.f32)
    nodes: dict[str, Any] = {name: pixels}
    for operation in main.operations:
        if operation.op_type != "const":
            nodes[operation.outputs[0].name] = _node(operation.op_type, operation.inputs, nodes)
    graph = openvino.Model([nodes[main.outputs[0].name]], [pixels], "program")
    compiled = openvino.Core().compile_model(graph, "CPU", {**CONFIG, "INFERENCE_NUM_THREADS": str(threads)})

    def call(plane: Floats) -> Floats:
        result: Floats = compiled([plane[None, None]])[0][0, 0].copy()
        return result

    return call


def _node(kind: str, inputs: Mapping[str, Any], nodes: Mapping[str, Any]) -> Any:
    """An operator of a student's program; any other is a mistake of ours."""
    source = nodes[inputs["x"].name]
    if kind == "cast":
        return source
    if kind == "relu":
        return ops.relu(source)
    if kind == "add":
        return ops.add(source, nodes[inputs["y"].name])
    if kind == "pixel_shuffle":
        return ops.depth_to_space(source, "depth_first", int(inputs["upscale_factor"].val))
    assert kind == "conv", kind
    assert inputs["pad_type"].val == "custom"
    assert inputs["groups"].val == 1
    weight, bias = (np.asarray(inputs[name].val, np.float32) for name in ("weight", "bias"))
    top, bottom, left, right = (int(side) for side in inputs["pad"].val)
    strides, dilations = inputs["strides"].val.tolist(), inputs["dilations"].val.tolist()
    out = ops.convolution(source, weight, strides, [top, left], [bottom, right], dilations)
    return ops.add(out, bias.reshape(1, -1, 1, 1))
