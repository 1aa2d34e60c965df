"""Gives channels that fire on nothing a new start."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from sharpcli_training.networks.conditioned import ConditionedStudent


@torch.no_grad()
def revive(student: ConditionedStudent, pixels: Tensor, vectors: Tensor) -> list[int]:
    """Give channels that are silent on all of these crops new weights; returns how many there were in each layer.

    A silent channel gets no gradient and stays silent for ever. Its new weights see what the layer before has, its
    output counts for nothing at first, so the network computes what it did, and the vector does not move it.
    """
    seen: list[Tensor] = []
    slope, student.slope = student.slope, 0.0
    student(pixels, vectors, seen)
    student.slope = slope
    last = cast("nn.Linear", student.mlp[-1])
    outputs = last.weight.view(student.layers + 1, 2, student.channels, -1)
    offsets = last.bias.view(student.layers + 1, 2, student.channels)
    counts = []
    for index, features in enumerate(seen):
        silent = features.amax((0, 2, 3)) <= 0
        counts.append(int(silent.sum()))
        fresh = torch.empty_like(student.stack[index].weight)
        nn.init.kaiming_normal_(fresh, nonlinearity="relu")
        student.stack[index].weight[silent] = fresh[silent]
        bias = student.stack[index].bias
        assert bias is not None
        bias[silent] = 0
        student.stack[index + 1].weight[:, silent] = 0
        outputs[index, :, silent], offsets[index, :, silent] = 0, 0
    return counts
