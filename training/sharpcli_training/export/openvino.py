"""OpenVINO (Intel's hardware, ffmpeg's `dnn_processing`): a student as .xml and .bin of one size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sharpcli_training.export.checked import Session, Target, export
from sharpcli_training.export.formats import Job, Written
from sharpcli_training.export.kernels import unshuffled
from sharpcli_training.export.stack import Convolution, Floats, StudentStack

LEVELS = 255


def write(student: StudentStack, stem: Path, job: Job) -> list[Written]:
    """Write the .xml file and the .bin file with its weights."""
    return export(student, stem, job, Target(save, session, (".xml", ".bin"), "openvino"))


def save(stack: StudentStack, height: int, width: int, file: Path, half: bool = False) -> None:
    """Write luma 1 x 1 x height x width in [0, 1] (float32, `pixels`) to the same (`sharpened`); weights beside it.

    An INT8 student gets roundings that the engine turns into integer convolutions where its processor has them.
    """
    from sharpcli.inference.engine import openvino, ops

    pixels = ops.parameter([1, 1, height, width], openvino.Type.f32, name="pixels")
    features = pixels
    for index, one in enumerate(stack.convolutions):
        features = _convolution(ops, features, one, first=index == 0)
        if index + 1 < len(stack.convolutions):
            features = ops.relu(features)
    sharpened = ops.add(pixels, ops.depth_to_space(features, "depth_first", 2))
    for node, name in ((pixels, "pixels"), (sharpened, "sharpened")):
        node.output(0).set_names({name})
    openvino.save_model(openvino.Model([sharpened], [pixels], "student"), file, compress_to_fp16=half)


def _convolution(ops: Any, features: Any, one: Convolution, first: bool) -> Any:
    """On the plane itself, the first one is 6x6 with stride 2: no shuffle for the engine to run."""
    stride, pad = (2, 2) if first else (1, 1)
    kernel: Any = unshuffled(one.weight) if first else one.weight
    if one.rounding:
        top = np.float32(one.rounding.step * LEVELS)
        features = ops.fake_quantize(features, np.float32(0), top, np.float32(0), top, LEVELS + 1)
        whole = unshuffled(one.rounding.whole) if first else one.rounding.whole
        kernel = ops.multiply(ops.convert(ops.constant(whole), "f32"), one.rounding.rows.reshape(-1, 1, 1, 1))
    out = ops.convolution(features, kernel, [stride] * 2, [pad] * 2, [pad] * 2, [1, 1])
    return ops.add(out, one.bias.reshape(1, -1, 1, 1))


def session(file: Path, threads: int = 1) -> Session:
    """A function from plane to plane, loaded once."""
    from sharpcli.inference.engine import openvino
    from sharpcli.inference.runtime import CONFIG

    compiled = openvino.Core().compile_model(file, "CPU", {**CONFIG, "INFERENCE_NUM_THREADS": str(threads)})

    def call(plane: Floats) -> Floats:
        result: Floats = compiled([plane[None, None]])[0][0, 0].copy()
        return result

    return call
