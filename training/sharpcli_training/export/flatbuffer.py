"""LiteRT's flatbuffer, written operator by operator with the schema that `ai-edge-litert` brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 3
IDENTIFIER = b"TFL3"
ZERO_POINT = -128
"""Level 0 of 0 to 255 as int8."""
VERSIONS = {"CONV_2D": (1, 3), "SPACE_TO_DEPTH": (1, 2), "DEPTH_TO_SPACE": (1, 2), "DEQUANTIZE": (3, 2)}
"""The first version of an operator that does this in float (to DEQUANTIZE: float16) and in int8."""


@dataclass(frozen=True)
class Grid:
    """What an int8 value stands for: (value - zero) * step."""

    step: float
    zero: int


class Writer:
    """Tensors, operators and constants as they come; tensors are known by their number."""

    def __init__(self) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._schema: Any = schema
        self._tensors: list[Any] = []
        self._operators: list[Any] = []
        self._codes: list[tuple[str, int]] = []
        # The first buffer is empty by convention: that of everything which is not a constant.
        self._buffers: list[NDArray[np.uint8]] = [np.zeros(0, np.uint8)]

    def tensor(self, name: str, shape: Sequence[int], grid: Grid | None = None) -> int:
        """A float32 tensor, or an int8 one with what it stands for."""
        steps = np.array([grid.step], np.float32) if grid else None
        return self._tensor(name, shape, "INT8" if grid else "FLOAT32", steps, grid.zero if grid else 0)

    def constant(self, name: str, values: NDArray[Any], scales: NDArray[np.float32] | None = None) -> int:
        """A constant with, if it is of integers, a scale for each entry of its first axis."""
        kinds = {np.dtype(np.float32): "FLOAT32", np.dtype(np.float16): "FLOAT16"}
        kinds |= {np.dtype(np.int8): "INT8", np.dtype(np.int32): "INT32"}
        number = self._tensor(name, values.shape, kinds[values.dtype], scales)
        self._tensors[number].buffer = len(self._buffers)
        self._buffers.append(np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8))
        return number

    def quantize(self, source: int, grid: Grid) -> int:
        """Float to int8."""
        tensor = self._tensors[source]
        return self._operator("QUANTIZE", [source], self.tensor(f"{tensor.name}.levels", tensor.shape, grid))

    def dequantize(self, source: int) -> int:
        """int8 or float16 to float32."""
        tensor = self._tensors[source]
        return self._operator("DEQUANTIZE", [source], self.tensor(f"{tensor.name}.float", tensor.shape))

    def shuffle(self, kind: str, source: int, name: str, shape: Sequence[int], grid: Grid | None = None) -> int:
        """SPACE_TO_DEPTH or DEPTH_TO_SPACE by blocks of 2x2."""
        options = ("SpaceToDepthOptions" if kind == "SPACE_TO_DEPTH" else "DepthToSpaceOptions", {"blockSize": 2})
        return self._operator(kind, [source], self.tensor(name, shape, grid), *options)

    def convolution(
        self, source: int, weight: int, bias: int, name: str, shape: Sequence[int], grid: Grid | None, relu: bool
    ) -> int:
        """3x3, zeros beyond the edges, with ReLU if wanted; weight is outputs x 3 x 3 x inputs."""
        kinds = self._schema.ActivationFunctionType
        options = {"strideH": 1, "strideW": 1, "padding": self._schema.Padding.SAME}
        options["fusedActivationFunction"] = kinds.RELU if relu else kinds.NONE
        target = self.tensor(name, shape, grid)
        return self._operator("CONV_2D", [source, weight, bias], target, "Conv2DOptions", options)

    def add(self, one: int, other: int, name: str) -> int:
        """The sum of two float tensors."""
        return self._operator("ADD", [one, other], self.tensor(name, self._tensors[one].shape), "AddOptions", {})

    def model(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """The file's content."""
        import flatbuffers

        part = self._made("SubGraph", tensors=self._tensors, operators=self._operators, name="student")
        part.inputs, part.outputs = list(inputs), list(outputs)
        codes = []
        for kind, version in self._codes:
            code = getattr(self._schema.BuiltinOperator, kind)
            codes.append(
                self._made("OperatorCode", builtinCode=code, deprecatedBuiltinCode=min(code, 127), version=version)
            )
        buffers = [self._made("Buffer", data=values) for values in self._buffers]
        model = self._made("Model", version=VERSION, subgraphs=[part], operatorCodes=codes, buffers=buffers)
        model.description = "sharpcli student"
        builder = flatbuffers.Builder(1 << 16)
        builder.Finish(model.Pack(builder), IDENTIFIER)
        return bytes(builder.Output())

    def _made(self, kind: str, **values: Any) -> Any:
        made = getattr(self._schema, f"{kind}T")()
        for name, value in values.items():
            setattr(made, name, value)
        return made

    def _tensor(
        self, name: str, shape: Sequence[int], kind: str, scales: NDArray[np.float32] | None, zero: int = 0
    ) -> int:
        made = self._made("Tensor", name=name, shape=list(shape), type=getattr(self._schema.TensorType, kind), buffer=0)
        if scales is not None:
            made.quantization = self._made("QuantizationParameters", scale=scales)
            made.quantization.zeroPoint = np.full(len(scales), zero, np.int64)
        self._tensors.append(made)
        return len(self._tensors) - 1

    def _operator(
        self, kind: str, inputs: list[int], output: int, options: str = "", values: dict[str, int] | None = None
    ) -> int:
        version = VERSIONS.get(kind, (1, 1))[self._tensors[inputs[0]].type == self._schema.TensorType.INT8]
        if (kind, version) not in self._codes:
            self._codes.append((kind, version))
        made = self._made("Operator", opcodeIndex=self._codes.index((kind, version)), inputs=inputs, outputs=[output])
        if options:
            made.builtinOptionsType = getattr(self._schema.BuiltinOptions, options)
            made.builtinOptions = self._made(options, **(values or {}))
        self._operators.append(made)
        return output
