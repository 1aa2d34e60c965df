"""A plan's runs on disk: checkpoints, and what a finished run left."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli_training.fit.conditioned.clock import Clock
from sharpcli_training.fit.conditioned.learner import Learner
from sharpcli_training.fit.conditioned.plan import Plan, RunPlan
from sharpcli_training.fit.start import take_all_weights
from sharpcli_training.networks.conditioned import ConditionedStudent
from sharpcli_training.networks.conditioned_teacher import ConditionedTeacher
from sharpcli_training.networks.estimator import Estimator

CHECKPOINT, FINISHED = "checkpoint.pt", "weights.pt"
RESEED = 1_000_003


def save_checkpoint(folder: Path, plan: RunPlan, learner: Learner, clock: Clock) -> None:
    """Write all that a run needs to go on, whole or not at all."""
    state = {"plan": asdict(plan), "learner": learner.state_dict(), "step": clock.step, "elapsed": clock.elapsed}
    if learner.device.type == "cpu":
        state["generator"] = learner.generator.get_state()
    _write(folder / CHECKPOINT, state)


def load_checkpoint(folder: Path, plan: RunPlan, learner: Learner, clock: Clock) -> bool:
    """Bring learner and clock to where the run in `folder` was; False without one.

    On a CPU the run goes on as if it had not been interrupted, on a GPU with other draws. Raises SharpError when the
    checkpoint is of another plan.
    """
    if not (folder / CHECKPOINT).is_file():
        return False
    state = _read(folder / CHECKPOINT)
    if state["plan"] != asdict(plan):
        raise SharpError(f"{folder} holds a run of another plan; choose another folder, or delete this one")
    learner.load_state_dict(state["learner"])
    clock.step, clock.spent = state["step"], state["elapsed"]
    if learner.device.type == "cpu" and "generator" in state:
        learner.generator.set_state(state["generator"].cpu())
    else:
        learner.generator.manual_seed(plan.seed * RESEED + clock.step)
    return True


def save_finished(folder: Path, state: dict[str, Any]) -> None:
    """Write what a finished run made; its checkpoint is no longer needed."""
    _write(folder / FINISHED, state)
    (folder / CHECKPOINT).unlink(missing_ok=True)


def load_finished(folder: Path, plan: RunPlan) -> dict[str, Any] | None:
    """What the run in `folder` made; None if it is not finished, SharpError when it was another plan's."""
    if not (folder / FINISHED).is_file():
        return None
    state = _read(folder / FINISHED)
    if state["plan"] != asdict(plan):
        raise SharpError(f"{folder} holds a run of another plan; choose another folder, or delete this one")
    return state


def shipped(plan: Plan, run: RunPlan) -> dict[str, Any]:
    """What a run would have left that made the weights that come with sharpcli; raises SharpError for other shapes."""
    estimator = Estimator()
    take_all_weights(estimator, plan.estimator_start or plan.estimator)
    state: dict[str, Any] = {"estimator": estimator.state_dict()}
    if run.kind == "teacher":
        teacher = teacher_of(run, None)
        take_all_weights(teacher, plan.teacher)
        return {**state, "teacher": teacher.state_dict()}
    students = students_of(plan, run, None)
    starts = {one.name: one.start or one.name for one in plan.students}
    for name, student in students.items():
        take_all_weights(student, starts[name])
    return {**state, "students": {name: student.state_dict() for name, student in students.items()}}


def students_of(plan: Plan, run: RunPlan, state: dict[str, Any] | None) -> dict[str, ConditionedStudent]:
    """The students of a plan's run: new ones, or with the weights of a finished run."""
    networks = {one.name: ConditionedStudent(one.channels, one.layers) for one in run.networks(plan)}
    if state is not None:
        for name, network in networks.items():
            if "log_step" in state["students"][name]:
                network.quantize()
            network.load_state_dict(state["students"][name])
    return networks


def estimator_of(state: dict[str, Any] | None) -> Estimator:
    """The estimator: a new one, or that of a finished run."""
    estimator = Estimator()
    if state is not None:
        estimator.load_state_dict(state["estimator"])
    return estimator


def teacher_of(plan: RunPlan, state: dict[str, Any] | None) -> ConditionedTeacher:
    """The teacher: a new one, or that of a finished run."""
    teacher = ConditionedTeacher(plan.channels, plan.blocks)
    if state is not None and "teacher" in state:
        teacher.load_state_dict(state["teacher"])
    return teacher


def _write(path: Path, state: dict[str, Any]) -> None:
    with whole_file(path) as file:
        torch.save(state, file)


def _read(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    return state
