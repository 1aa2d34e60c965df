"""Writes what a run of a plan made as ONNX files with their cards: students, estimator, teacher."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import warnings
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.export import Dim

from sharpcli.files.atomic import whole_file
from sharpcli_training.export.conditioned_card import card_of
from sharpcli_training.export.conditioned_student import student_to_onnx
from sharpcli_training.export.onnx_parts import halve, without_traces
from sharpcli_training.fit.conditioned.plan import Plan, RunPlan
from sharpcli_training.fit.conditioned.runs import estimator_of, students_of, teacher_of
from sharpcli_training.networks.conditioned_teacher import ConditionedTeacher
from sharpcli_training.networks.estimator import PATCH, Estimator
from sharpcli_training.networks.vector import LENGTH

MOST_PATCHES = 4096


def export_run(out: Path, plan: Plan, run: RunPlan, state: dict[str, Any]) -> list[Path]:
    """Write the files of a finished run to `out`; returns the ONNX files."""
    if run.kind == "teacher":
        teacher = teacher_of(run, state).eval()
        model = teacher_to_onnx(teacher)
        halve(model)
        return [_write(out / f"{plan.teacher}{run.suffix}.onnx", model, teacher, "float16", state)]
    files = []
    for name, student in students_of(plan, run, state).items():
        suffix, weights = ("-int8", "int8") if student.quantized else ("", "float32")
        model = student_to_onnx(student.eval())
        files.append(_write(out / f"{name}{run.suffix}{suffix}.onnx", model, student, weights, state, name))
    if run.kind == "students":
        estimator = estimator_of(state).eval()
        model = estimator_to_onnx(estimator)
        halve(model)
        files.append(_write(out / f"{plan.estimator}{run.suffix}.onnx", model, estimator, "float16", state))
    return files


def estimator_to_onnx(estimator: Estimator) -> onnx.ModelProto:
    """Inputs `patches` (N x 1 x 96 x 96) and their `spectrum`, output `findings` (N x 36)."""
    patches = torch.rand(3, 1, PATCH, PATCH)
    count = Dim("patches_count", min=1, max=MOST_PATCHES)
    inputs = (patches, estimator.spectrum(patches))
    return _exported(estimator, inputs, ({0: count}, {0: count}), ["patches", "spectrum"], "findings")


def teacher_to_onnx(teacher: ConditionedTeacher) -> onnx.ModelProto:
    """Inputs `pixels` (1 x 3 x H x W, multiples of 8) and `degradation` (1 x 29), output `sharpened`."""
    size = {2: 8 * Dim("height", min=1), 3: 8 * Dim("width", min=1)}
    inputs = (torch.rand(1, 3, 64, 64), torch.zeros(1, LENGTH))
    return _exported(teacher, inputs, (size, None), ["pixels", "degradation"], "sharpened")


_TRACED: dict[tuple[Any, ...], onnx.ModelProto] = {}
"""Models by kind and shapes of their networks: tracing takes up to a minute, filling in other weights does not."""


def _exported(
    network: nn.Module, inputs: tuple[torch.Tensor, ...], shapes: tuple[Any, ...], names: list[str], output: str
) -> onnx.ModelProto:
    weights = network.state_dict()
    key = (type(network), *((name, value.shape) for name, value in weights.items()))
    if key not in _TRACED:
        model = _traced(_drawn_anew(network), inputs, shapes, names, output)
        kept = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
        # What the exporter had put other numbers for could not be filled in.
        assert all(kept.get(name) == tuple(value.shape) for name, value in network.named_parameters())
        _TRACED[key] = model
    model = onnx.ModelProto()
    model.CopyFrom(_TRACED[key])
    for tensor in model.graph.initializer:
        if tensor.name in weights:
            tensor.CopyFrom(numpy_helper.from_array(weights[tensor.name].numpy(), tensor.name))
    return model


@torch.no_grad()
def _drawn_anew(network: nn.Module) -> nn.Module:
    """The network with other weights: of a new one many are equal or zero, and the exporter would leave them out."""
    other = copy.deepcopy(network)
    generator = torch.Generator().manual_seed(0)
    for parameter in other.parameters():
        parameter.normal_(0, 0.1, generator=generator)
    return other


def _traced(
    network: nn.Module, inputs: tuple[torch.Tensor, ...], shapes: tuple[Any, ...], names: list[str], output: str
) -> onnx.ModelProto:
    # The exporter reports its every step; a user wants to hear of failures only, and those are raised.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network,
            inputs,
            dynamo=True,
            dynamic_shapes=shapes,
            input_names=names,
            output_names=[output],
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    without_traces(model)
    return model


def _write(
    path: Path, model: onnx.ModelProto, network: nn.Module, weights: str, state: dict[str, Any], name: str = ""
) -> Path:
    content = model.SerializeToString()
    with whole_file(path) as file:
        file.write(content)
    facts = {"name": path.stem, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    card = card_of(network, {**facts, "weights": weights}, state, name)
    with whole_file(path.with_suffix(".json")) as file:
        file.write((json.dumps(card, indent=2) + "\n").encode())
    return path
