"""Runs an ONNX network that somebody else made, and tells what its graph says; knows the inference engine."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino.frontend import FrontEndManager

from sharpcli.cards import checked_card
from sharpcli.enhancer import Cost
from sharpcli.errors import SharpError
from sharpcli.foreign.form import Form
from sharpcli.names import shown
from sharpcli.pictures import FloatPixels
from sharpcli.runtime import config, release

KINDS = {"f32": "float32", "f16": "float16", "u8": "uint8"}
"""Types of numbers that a network may take, as the engine calls them and as NumPy does."""
MULTIPLYING = ("Convolution", "GroupConvolution", "ConvolutionBackpropData", "GroupConvolutionBackpropData", "MatMul")
"""Operations whose multiplications are counted."""
PASSING = ("Convert", "Reshape")
"""Operations that change the form of numbers only."""


@dataclass(frozen=True)
class Port:
    """An input or output: its sides, None where any will do; no sides where even their number is open."""

    name: str
    sides: tuple[int | None, ...] | None
    kind: str

    def __str__(self) -> str:
        sides = "of any number of sides" if self.sides is None else " x ".join(str(side or "?") for side in self.sides)
        return f"{shown(self.name)} ({sides}, {self.kind})"


class ForeignNetwork:
    """A network and the form of its pictures. Safe to call from several threads, of which `calls` are expected."""

    def __init__(self, path: Path, form: Form, calls: int = 1) -> None:
        model = read_model(path)
        channels = form.channels
        shape = [1, channels, -1, -1] if form.layout == "nchw" else [1, -1, -1, channels]
        try:
            model.reshape(openvino.PartialShape(shape))
            self._compiled = openvino.Core().compile_model(model, "CPU", config(calls))
        except RuntimeError as error:
            raise SharpError(f"{shown(path)} cannot be run on pictures of any size ({told(error)})") from error
        self._form = form
        self._kind = np.dtype(model.input().element_type.to_dtype())
        self._requests = threading.local()

    def __call__(self, pixels: FloatPixels) -> FloatPixels:
        """Run on H x W x C in [0, 1], any size; returns (H x scale) x (W x scale) x C."""
        form = self._form
        height, width = pixels.shape[:2]
        bottom, right = (max(-(-side // form.multiple) * form.multiple, form.least) - side for side in (height, width))
        if bottom or right:
            pixels = np.pad(pixels, ((0, bottom), (0, right), (0, 0)), mode="edge")
        result = self.run(pixels)
        scale = len(result) // len(pixels)
        return result[: height * scale, : width * scale]

    def run(self, pixels: FloatPixels) -> FloatPixels:
        """Run on pixels of a size that suits the network, and return whatever comes out, as H x W x C.

        Raises RuntimeError when the engine cannot.
        """
        form = self._form
        values = pixels[..., ::-1] if form.order == "bgr" else pixels
        if form.peak != 1:
            values = values * np.float32(form.peak)
        if self._kind.kind == "u":
            values = np.rint(values).clip(0, form.peak)
        if form.layout == "nchw":
            values = values.transpose(2, 0, 1)
        given = np.ascontiguousarray(values, self._kind)[None]
        result: NDArray[Any] = self._request().infer({0: given}, share_inputs=True)[0][0]
        result = result.transpose(1, 2, 0) if form.layout == "nchw" else result
        result = result[..., ::-1] if form.order == "bgr" else result
        return np.ascontiguousarray(result, np.float32) / np.float32(form.peak)

    def release(self) -> None:
        """Give back the memory of intermediate results, unless a thread is working on them."""
        release([self._compiled])

    def _request(self) -> Any:
        if not hasattr(self._requests, "own"):
            self._requests.own = self._compiled.create_infer_request()
        return self._requests.own


@lru_cache(maxsize=16)
def load_foreign(path: Path, form: Form, calls: int = 1) -> ForeignNetwork:
    """The network of a file that is the one its card describes, loaded once per process; raises SharpError."""
    checked_card(path)
    return ForeignNetwork(path, form, calls)


def read_model(path: Path) -> Any:
    """The engine's model of an ONNX file; raises SharpError for what is none, or has what the engine does not know."""
    # By name, since the engine would else try other formats, and talk while it does.
    frontend = FrontEndManager().load_by_framework("onnx")
    try:
        return frontend.convert(frontend.load(str(path)))
    except RuntimeError as error:
        raise SharpError(f"{shown(path)} cannot be read as an ONNX file ({told(error)})") from error


def ports(model: Any) -> tuple[list[Port], list[Port]]:
    """The inputs and outputs of a model."""
    return list(map(_port, model.inputs)), list(map(_port, model.outputs))


def cost(path: Path, form: Form, scale: int, side: int) -> Cost:
    """What a network costs for each pixel it returns, counted from its graph for a picture of side x side."""
    model = read_model(path)
    channels = form.channels
    model.reshape([1, channels, side, side] if form.layout == "nchw" else [1, side, side, channels])
    nodes = model.get_ordered_ops()
    multiplied = sum(map(_multiplications, nodes)) / (side * scale) ** 2
    return Cost(sum(map(_numbers, nodes)), round(multiplied / 1000, 2))


def told(error: Exception) -> str:
    """What the engine says, less where in its source it says it."""
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.startswith(("Exception from", "Check '", "While validating"))]
    return shown(said[-1] if said else type(error).__name__)[:200]


def _port(port: Any) -> Port:
    shape = port.partial_shape
    sides = None if shape.rank.is_dynamic else tuple(None if s.is_dynamic else int(s.get_length()) for s in shape)
    kind = str(port.element_type.to_string())
    return Port(next(iter(sorted(port.names)), "unnamed"), sides, KINDS.get(kind, kind))


def _numbers(node: Any) -> int:
    """How many learned numbers a node holds: those of shapes and indices are whole, and single ones are settings."""
    if node.get_type_name() != "Constant":
        return 0
    kind, count = node.get_output_element_type(0), math.prod(node.get_output_shape(0))
    return count if count > 1 and (kind.is_real() or kind.bitwidth <= 8) and not _is_setting(node) else 0


def _is_setting(constant: Any) -> bool:
    """Whether a constant says how to resize, or how another constant is quantised."""
    user = _user(constant)
    while user.get_type_name() in PASSING:
        user = _user(user)
    if user.get_type_name() in ("Multiply", "Subtract"):
        other = user.input_value(0).get_node()
        while other.get_type_name() in (*PASSING, "Subtract"):
            other = other.input_value(0).get_node()
        return bool(other.get_type_name() == "Constant" and other.get_friendly_name() != constant.get_friendly_name())
    return str(user.get_type_name()) in ("Interpolate", "FakeQuantize", "Pad")


def _user(node: Any) -> Any:
    users = [target.get_node() for target in node.output(0).get_target_inputs()]
    return next((user for user in users if user.get_type_name() != "ShapeOf"), users[0])


def _multiplications(node: Any) -> int:
    kind = node.get_type_name()
    if kind not in MULTIPLYING:
        return 0
    given, weights = ([int(side) for side in node.input(index).get_shape()] for index in range(2))
    made = math.prod(map(int, node.get_output_shape(0)))
    if kind == "MatMul":
        return made * given[-2 if node.get_attributes()["transpose_a"] else -1]
    grouped = kind.startswith("Group")
    # Each value made, or where a convolution goes backwards each value given, meets all of one filter's numbers.
    filters = weights[1:] if grouped else weights
    return math.prod(given if "Backprop" in kind else [made]) * math.prod(filters[1:])
