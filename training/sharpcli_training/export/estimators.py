"""The model file of an estimator: what an image went through, found in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from sharpcli.files.atomic import whole_file
from sharpcli.inference.estimator import CALL_WEIGHTS, WEIGHTS
from sharpcli.plugin.cards import read_card
from sharpcli_training.export.formats import Written
from sharpcli_training.export.webgpu import Named, facts, packed

ESTIMATORS = {path.stem: path for path in (WEIGHTS, CALL_WEIGHTS)}
LEVELS = 127
MANY = 4096
"""Values from which a convolution is stored in eight bits; what is smaller weighs nothing."""
FLAT = "flat.weight"
"""The one matrix that may be, too. In eight bits the head's would move what is said of a JPEG by two points; with these
alone no word changed on 30 images (the vector by at most 0.013), and the file has 747 KB instead of 1196."""
HALF = ".half"


def write_estimator(file: Path, out: Path, precision: str) -> Written:
    """Write all weights of an estimator to `out`/NAME.bin: int8, where large ones have eight bits, fp16 or fp32."""
    card, path = read_card(file), out / f"{file.stem}.bin"
    header = {
        "name": file.stem, "kind": "estimator", "enhancer": file.stem, "profile": "", "channels": 0, "layers": 0,
        "receptiveRadius": 0, "kmacPerPixel": 0, "conditioned": 0,
    }  # fmt: skip
    tensors = [part for named in _weights(file) for part in _stored(*named, precision)]
    content = packed({**header, **facts(card, precision)}, tensors)
    with whole_file(path) as target:
        target.write(content)
    return Written(path)


def _weights(file: Path) -> Iterator[Named]:
    """Weights and biases in the graph's order; what is not among them are the graph's own small constants."""
    for tensor in onnx.load(file).graph.initializer:
        name = tensor.name.removesuffix(HALF)
        if name.endswith((".weight", ".bias")):
            yield name, numpy_helper.to_array(tensor).astype(np.float32)


def _stored(name: str, values: NDArray[Any], precision: str) -> Iterator[Named]:
    """A tensor as written; one in eight bits is followed by `rows`, what a whole number counts for in each output."""
    if precision == "int8" and (name == FLAT or (values.ndim > 2 and values.size >= MANY)):
        rows = np.abs(values.reshape(len(values), -1)).max(1) / LEVELS
        shaped = rows.reshape(-1, *[1] * (values.ndim - 1))
        yield name, np.rint(values / shaped).astype(np.int8)
        yield f"{name.removesuffix('weight')}rows", rows.astype(np.float32)
    else:
        yield name, values if name.endswith(".bias") or precision == "fp32" else values.astype(np.float16)
