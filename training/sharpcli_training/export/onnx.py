"""Writes a run's network as ONNX with its JSON card."""

from __future__ import annotations

import hashlib
import json
import logging
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import torch
from onnxscript import optimizer
from torch.export import Dim

from sharpcli_training.export.onnx_parts import LICENCE, halve, without_traces
from sharpcli_training.export.qdq import quantize_model
from sharpcli_training.fit.checkpoints import load_run
from sharpcli_training.networks import cost as measure
from sharpcli_training.networks.base import RestorationNetwork
from sharpcli_training.networks.build import build, start_from
from sharpcli_training.networks.student import Student

FOLDED = 1 << 26
"""Values of the largest tensor that is computed ahead, so that no weight is left as a product of matrices."""


def export(run: Path, out: Path, half: bool = False) -> dict[str, Any]:
    """Write the averaged network of a run to `out` (.onnx) and its card beside it; returns the card.

    A student comes folded into plain layers, a quantised one as INT8. `half` stores the weights as float16, which
    halves the file; they are computed with as float32 all the same. Raises SharpError when `run` holds no checkpoint.
    """
    recipe, network, state = load_run(run)
    if isinstance(network, Student):
        network = network.fold()
    plain = build(replace(recipe, blocks="plain", quantize=False))
    start_from(plain, network)
    model = to_onnx(plain)
    if isinstance(network, Student) and recipe.quantize:
        quantize_model(model, network)
    elif half:
        halve(model)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(model.SerializeToString())
    last = state["history"][-1] if state["history"] else {}
    card = {
        "name": out.stem,
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "bytes": out.stat().st_size,
        "weights": "int8" if recipe.quantize else "float16" if half else "float32",
        "color": network.color,
        "tile_multiple": network.tile_multiple,
        "parameters": measure.parameters(plain),
        "kmac_per_pixel": round(measure.kmac_per_pixel(plain), 2),
        "receptive_radius": measure.receptive_radius(plain),
        "training": {
            "steps_done": state["step"],
            "minutes": round(state["seconds"] / 60, 1),
            **json.loads((run / "run.json").read_text()),
            "validation_psnr": round(last.get("psnr", float("nan")), 3),
            "dead_channels": {name: round(share, 3) for name, share in last.get("dead", {}).items()},
        },
        "licence": LICENCE,
        "scores": {},
    }
    out.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n")
    return card


def to_onnx(network: RestorationNetwork) -> onnx.ModelProto:
    """The ONNX model of a network, for any height and width that are multiples of its `tile_multiple`."""
    example = torch.zeros(1, network.channels_in, 8 * network.tile_multiple, 8 * network.tile_multiple)
    size = {2: network.tile_multiple * Dim("height", min=1), 3: network.tile_multiple * Dim("width", min=1)}
    # The exporter reports its every step; a user wants to hear of failures only, and those are raised.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network.eval(), (example,), dynamo=True, dynamic_shapes=(size,), input_names=["pixels"], verbose=False
        )
    assert program is not None
    # Weights kept as matrices become plain kernels here, however large.
    model = optimizer.optimize(program.model_proto, input_size_limit=FOLDED, output_size_limit=FOLDED)
    without_traces(model)
    return model
