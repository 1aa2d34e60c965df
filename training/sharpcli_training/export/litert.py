"""LiteRT (TensorFlow Lite, on Android and boards): a student as a .tflite file of one size, float or INT8."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli_training.export.checked import Session, Target, export
from sharpcli_training.export.flatbuffer import ZERO_POINT, Grid, Writer
from sharpcli_training.export.formats import Job, Written
from sharpcli_training.export.stack import Convolution, Floats, StudentStack

BIAS_BITS, LEAST_ROW = 30, 1e-12


def write(student: StudentStack, stem: Path, job: Job) -> list[Written]:
    """Write the .tflite file."""
    return export(student, stem, job, Target(save, session, (".tflite",), "ai-edge-litert"))


def save(stack: StudentStack, height: int, width: int, file: Path, half: bool = False) -> None:
    """Write luma 1 x height x width x 1 in [0, 1] (float32, `pixels`) to the same (`sharpened`).

    Convolutions of an INT8 student are integer ones save the last, whose sum is added to the image. `half` stores
    weights as float16.
    """
    # In one plane, SPACE_TO_DEPTH and DEPTH_TO_SPACE number the 2x2 block as pixel-unshuffle does.
    writer = Writer()
    pixels = writer.tensor("pixels", (1, height, width, 1))
    size = height // 2, width // 2
    first = _levels(stack, 0)
    seen = writer.quantize(pixels, first) if first else pixels
    features = writer.shuffle("SPACE_TO_DEPTH", seen, "block", (1, *size, 4), first)
    for index, one in enumerate(stack.convolutions):
        last = index + 1 == len(stack.convolutions)
        if last and one.rounding:
            # In 8 bits, what is added would be too coarse, or have too small a range for thin bright lines.
            features = writer.dequantize(features)
        kernel = _integer(one) if one.rounding and not last else _float(one, half)
        shape, grid = (1, *size, len(one.bias)), None if last else _levels(stack, index + 1)
        features = writer.convolution(features, *kernel.tensors(writer, index), f"conv{index}", shape, grid, not last)
    change = writer.shuffle("DEPTH_TO_SPACE", features, "change", (1, height, width, 1))
    file.write_bytes(writer.model([pixels], [writer.add(pixels, change, "sharpened")]))


def session(file: Path, threads: int = 1) -> Session:
    """A function from plane to plane, loaded once."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(file), num_threads=threads)
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()

    def call(plane: Floats) -> Floats:
        interpreter.set_tensor(source["index"], plane[None, :, :, None])
        interpreter.invoke()
        result: Floats = interpreter.get_tensor(target["index"])[0, :, :, 0]
        return result

    return call


@dataclass(frozen=True)
class _Kernel:
    weight: NDArray[Any]
    bias: NDArray[Any]
    scales: tuple[Floats | None, Floats | None] = (None, None)
    """Of weight and bias, per output channel; None for float ones."""

    def tensors(self, writer: Writer, index: int) -> tuple[int, int]:
        weight = writer.constant(f"conv{index}.weight", self.weight.transpose(0, 2, 3, 1), self.scales[0])
        if self.weight.dtype == np.float16:
            weight = writer.dequantize(weight)
        return weight, writer.constant(f"conv{index}.bias", self.bias, self.scales[1])


def _levels(stack: StudentStack, index: int) -> Grid | None:
    """Levels 0 to 255 of what a convolution sees, as int8; None in a float student."""
    rounding = stack.convolutions[index].rounding
    return Grid(rounding.step, ZERO_POINT) if rounding else None


def _float(one: Convolution, half: bool) -> _Kernel:
    return _Kernel(one.weight.astype(np.float16 if half else np.float32), one.bias)


def _integer(one: Convolution) -> _Kernel:
    """With positive scales, as LiteRT wants them, that leave the bias room in 32 bits."""
    rounding = one.rounding
    assert rounding is not None
    least = np.maximum(np.abs(one.bias) / rounding.step / 2**BIAS_BITS, LEAST_ROW)
    rows = np.maximum(np.abs(rounding.rows), least).astype(np.float32)
    whole = np.rint(rounding.whole * (rounding.rows / rows)[:, None, None, None]).astype(np.int8)
    scales = (rows * np.float32(rounding.step)).astype(np.float32)
    return _Kernel(whole, np.rint(one.bias / scales).astype(np.int32), (rows, scales))
