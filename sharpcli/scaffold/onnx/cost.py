"""Counts what a network costs, from its graph."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from sharpcli.inference.generic import Form, read_model
from sharpcli.plugin.enhancer import Cost

MULTIPLYING = ("Convolution", "GroupConvolution", "ConvolutionBackpropData", "GroupConvolutionBackpropData", "MatMul")
"""Operations whose multiplications are counted."""
PASSING = ("Convert", "Reshape")
"""Operations that change the form of numbers only."""


def cost(path: Path, form: Form, scale: int, side: int) -> Cost:
    """What a network costs for each pixel it returns, for an image of side x side."""
    model = read_model(path)
    channels = form.channels
    model.reshape([1, channels, side, side] if form.layout == "nchw" else [1, side, side, channels])
    nodes = model.get_ordered_ops()
    multiplied = sum(map(_multiplications, nodes)) / (side * scale) ** 2
    return Cost(sum(map(_numbers, nodes)), round(multiplied / 1000, 2))


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
