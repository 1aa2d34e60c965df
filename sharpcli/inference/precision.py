"""Which arithmetic this processor is faster with."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sharpcli.inference.engine import openvino, ops
from sharpcli.inference.runtime import config

CHANNELS, SIDE = 16, 16
LOW, HIGH, LEVELS = np.float32(0), np.float32(2.55), 256
"""The range of what the convolution is given, in as many steps as 8 bits have."""


@lru_cache(maxsize=1)
def int8_is_faster() -> bool:
    """Whether this processor has the instructions that make INT8 networks faster than FP32.

    Those are VNNI and AMX on x86-64, without which the engine has no `brgconv` for 8 bits; elsewhere nobody has
    measured, and the answer is no. The processor alone decides, so the same machine always gives the same pixels, and
    one small convolution shows it in a third of the time that a network takes to compile.
    """
    seen = ops.parameter([1, CHANNELS, SIDE, SIDE], openvino.Type.f32)
    weights = ops.convert(ops.constant(np.ones((CHANNELS, CHANNELS, 3, 3), np.int8)), "f32")
    given = ops.fake_quantize(seen, LOW, HIGH, LOW, HIGH, LEVELS)
    result = ops.convolution(given, ops.multiply(weights, np.float32(0.01)), [1, 1], [1, 1], [1, 1], [1, 1])
    compiled = openvino.Core().compile_model(openvino.Model([ops.result(ops.relu(result))], [seen]), "CPU", config(1))
    infos = [node.get_rt_info() for node in compiled.get_runtime_model().get_ordered_ops()]
    kernels = [i["primitiveType"].astype(str) for i in infos if i["layerType"].astype(str) == "Convolution"]
    return bool(kernels) and all(kernel.startswith("brgconv") and kernel.endswith("I8") for kernel in kernels)
