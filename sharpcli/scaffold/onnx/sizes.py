"""Finds the sizes that a network takes, and how many times it enlarges, by trying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.inference.generic import ForeignNetwork, Form, Layout, engine_message, read_model
from sharpcli.scaffold.onnx.questions import LAYOUT, Ask

MULTIPLES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64)
USUAL = 96
"""Pixels of a side that is tried, about: more than most networks need at least."""
LEAST = (1, 2, 4, 8, 16, 32, 64)

KINDS = {"f32": "float32", "f16": "float16", "u8": "uint8"}
"""Types of numbers that a network may take, as the engine calls them and as NumPy does."""


def form_of(path: Path, shown_as: str, layout: Layout | None, ask: Ask) -> tuple[Form, int, str]:
    """The form of a network but for order and peak, how many times it enlarges, and the type of numbers it takes.

    Raises SharpError for a network that is no enhancer's.
    """
    port = _image_port(path, shown_as)
    forms = [form for form in _declared(port, shown_as) if layout in (None, form.layout)]
    if not forms:
        raise SharpError(f"the input of {shown_as} is {port}, which is not --layout {layout}")
    tried = {form: _tried(path, form, port) for form in forms}
    working = {form: found for form, found in tried.items() if not isinstance(found, str)}
    if not working:
        raise SharpError(f"{shown_as} with input {port} cannot be used: {tried[forms[0]]}")
    if len({form.layout for form in working}) > 1:
        answer = ask([LAYOUT])[LAYOUT.name]
        working = {form: found for form, found in working.items() if form.layout == answer}
    # A network that takes any number of channels is given colours.
    form, (scale, multiple) = next(iter(working.items()))
    form = replace(form, multiple=multiple)
    return replace(form, least=_least(path, form, scale)), scale, port.kind


def _image_port(path: Path, shown_as: str) -> Port:
    """The one input; raises SharpError where no image goes in or none comes out."""
    inputs, outputs = ports(read_model(path))
    if not inputs:
        raise SharpError(f"{shown_as} is not an ONNX file, or has no input")
    if len(inputs) > 1:
        names = ", ".join(map(str, inputs))
        raise SharpError(f"{shown_as} has {len(inputs)} inputs ({names}); it must have one, the image")
    if len(outputs) != 1:
        names = ", ".join(map(str, outputs))
        raise SharpError(f"{shown_as} has {len(outputs)} outputs ({names}); export it with one, the sharp image")
    for port, side in ((inputs[0], "input"), (outputs[0], "output")):
        if port.sides is None or len(port.sides) != 4:
            raise SharpError(
                f"the {side} of {shown_as} is {port}; an image needs 4 dimensions, 1 x channels x height x width"
            )
    if inputs[0].kind not in KINDS.values():
        raise SharpError(f"the input of {shown_as} is {inputs[0]}; its type must be one of {', '.join(KINDS.values())}")
    return inputs[0]


def _declared(port: Port, shown_as: str) -> list[Form]:
    """The layouts and channels that an input's sides allow: those they state, else those they leave open."""
    assert port.sides is not None
    places: Sequence[tuple[Layout, int]] = (("nchw", 1), ("nhwc", 3))
    if stated := [Form(layout, port.sides[place] or 3) for layout, place in places if port.sides[place] in (1, 3)]:
        return stated
    if all(port.sides[place] is None for _, place in places):
        return [Form(layout, channels) for channels in (3, 1) for layout, _ in places]
    raise SharpError(f"the input of {shown_as} is {port}; images have 3 channels, or 1 for luma")


def _tried(path: Path, form: Form, port: Port) -> tuple[int, int] | str:
    """How many times it enlarges and the multiple that its sides must be of, or what is wrong with it."""
    assert port.sides is not None
    rows, columns = (port.sides[1:3], port.sides[2:])[form.layout == "nchw"]
    fixed = rows is not None and columns is not None
    made_for = f"it only accepts {columns} x {rows} pixels; export it with dynamic axes; " if fixed else ""
    try:
        network = ForeignNetwork(path, form)
    except SharpError as error:
        return f"{made_for}{error}"
    wrong = ""
    for multiple in MULTIPLES:
        count = max(1, USUAL // multiple - 1) | 1  # odd, so that it is a multiple of nothing larger
        size = multiple * count, multiple * (count + 2)
        try:
            result = network.run(np.full((*size, form.channels), 0.5, np.float32))
        except RuntimeError as error:
            wrong = wrong or engine_message(error)
            continue
        scale = result.shape[0] // size[0]
        if scale >= 1 and result.shape == (size[0] * scale, size[1] * scale, form.channels):
            return scale, multiple
        made, had = (f"{s[1]} x {s[0]} x {s[2]}" for s in (result.shape, (*size, form.channels)))
        wrong = wrong or f"it turns {had} into {made} (width x height x channels); it must keep the size or enlarge"
    return f"{made_for}{wrong}"


def _least(path: Path, form: Form, scale: int) -> int:
    """The smallest side that works."""
    network = ForeignNetwork(path, form)
    for count in LEAST:
        side = count * form.multiple
        try:
            if network.run(np.full((side, side, form.channels), 0.5, np.float32)).shape[:2] == (side * scale,) * 2:
                return side
        except RuntimeError:
            continue
    return USUAL // form.multiple * form.multiple


@dataclass(frozen=True)
class Port:
    """An input or output: its sides, None where any will do; no sides where even their number is open."""

    name: str
    sides: tuple[int | None, ...] | None
    kind: str

    def __str__(self) -> str:
        sides = (
            "of any number of dimensions" if self.sides is None else " x ".join(str(side or "?") for side in self.sides)
        )
        return f"{shown(self.name)} ({sides}, {self.kind})"


def ports(model: Any) -> tuple[list[Port], list[Port]]:
    """The inputs and outputs of a model."""
    return list(map(_port, model.inputs)), list(map(_port, model.outputs))


def _port(port: Any) -> Port:
    shape = port.partial_shape
    sides = None if shape.rank.is_dynamic else tuple(None if s.is_dynamic else int(s.get_length()) for s in shape)
    kind = str(port.element_type.to_string())
    return Port(next(iter(sorted(port.names)), "unnamed"), sides, KINDS.get(kind, kind))
