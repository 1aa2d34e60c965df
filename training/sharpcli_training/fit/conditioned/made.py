"""The networks that a run makes: as weights to keep, and as functions to measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from sharpcli_training.fit.conditioned.learner import Learner
from sharpcli_training.fit.conditioned.plan import Plan, RunPlan
from sharpcli_training.fit.conditioned.runs import estimator_of, students_of, teacher_of
from sharpcli_training.fit.conditioned.students import Students
from sharpcli_training.fit.conditioned.teacher import TeacherLearner
from sharpcli_training.fit.conditioned.validation import Restore
from sharpcli_training.networks.estimator import Estimator


@dataclass(frozen=True)
class Made:
    """A teacher, by its run's name, or students, by theirs; and the estimator that goes with them."""

    networks: Mapping[str, nn.Module]
    estimator: Estimator
    teacher: bool

    def weights(self) -> dict[str, Any]:
        """All weights on the CPU, as a finished run keeps them."""
        states = {name: _cpu(network) for name, network in self.networks.items()}
        made = {"teacher": next(iter(states.values()))} if self.teacher else {"students": states}
        return {**made, "estimator": _cpu(self.estimator)}

    def restores(self) -> dict[str, Restore]:
        """The networks as validation calls them; a teacher shows no hidden features."""
        return {name: _unseen(network) if self.teacher else network for name, network in self.networks.items()}


def averaged(learner: Learner) -> Made:
    """The running means of what learned."""
    if isinstance(learner, TeacherLearner):
        return Made({learner.plan.name: learner.average}, learner.estimator, True)
    assert isinstance(learner, Students)
    return Made({pupil.name: pupil.average for pupil in learner.pupils}, learner.estimator_average, False)


def untrained(plan: Plan, run: RunPlan, device: torch.device) -> Made:
    """Networks like those that a run of a plan will make."""
    teacher = run.kind == "teacher"
    networks: Mapping[str, nn.Module] = {run.name: teacher_of(run, None)} if teacher else students_of(plan, run, None)
    for network in networks.values():
        network.to(device)
    return Made(networks, estimator_of(None).to(device), teacher)


def _unseen(teacher: nn.Module) -> Restore:
    return lambda pixels, vectors, seen: teacher(pixels, vectors)


def _cpu(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
