"""Trains a plan's runs in order, within the time there is; what one made is known to the next."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch

from sharpcli_training.data.pack_index import read_index
from sharpcli_training.data.resident import Resident
from sharpcli_training.fit.conditioned.clock import Clock
from sharpcli_training.fit.conditioned.learner import SAVE_EVERY, Learner, drive
from sharpcli_training.fit.conditioned.plan import SHIPPED, Plan, RunPlan
from sharpcli_training.fit.conditioned.runs import (
    estimator_of,
    load_checkpoint,
    load_finished,
    save_checkpoint,
    save_finished,
    shipped,
    students_of,
    teacher_of,
)
from sharpcli_training.fit.conditioned.students import Students
from sharpcli_training.fit.conditioned.teacher import TeacherLearner
from sharpcli_training.fit.conditioned.validation import Restore, lines, measure
from sharpcli_training.fit.start import take_all_weights, take_weights
from sharpcli_training.networks.conditioned_teacher import ConditionedTeacher

Export = Callable[[Plan, RunPlan, dict[str, Any]], list[Path]]
Say = Callable[[str], None]


class Session:
    """One call of `train run`: its device, its images, and the time it has."""

    def __init__(self, plan: Plan, pack: Path, out: Path, minutes: float | None, say: Say) -> None:
        self.plan, self.pack, self.out, self.say = plan, pack, out, say
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.card, _ = read_index(pack)
        self.minutes = minutes
        self._images: dict[tuple[str, bool], Resident] = {}

    def images(self, split: str, color: bool) -> Resident:
        """The pack's images of a split; only one set of training images lies on the device at a time."""
        key = (split, color)
        if key not in self._images:
            self._images = {known: images for known, images in self._images.items() if known[1] == color}
            self._images[key] = Resident.of(self.pack, split, color, self.device)
        return self._images[key]

    def share(self, run: RunPlan) -> float:
        """Seconds of the minutes that a run has, from its begin to its exported files."""
        return 60 * (self.minutes or 0.0) * run.seconds / sum(one.seconds for one in self.plan.runs)


def train_plan(session: Session, export: Export, save_every: float = SAVE_EVERY) -> list[Path]:
    """Make every run of the plan that is not finished, and export each as soon as it is; returns the exported files.

    A run that breaks is told of and exported as far as it came. Raises SharpError for a folder with runs of another
    plan.
    """
    torch.backends.cudnn.benchmark = True
    finished: dict[str, dict[str, Any]] = {}
    files: list[Path] = []
    late, closing = 0.0, session.plan.closing
    for run in session.plan.runs:
        begun, share = time.monotonic(), session.share(run)
        seconds = run.seconds if session.minutes is None else share - min(closing, share / 2) - late
        state = load_finished(session.out / run.name, run)
        if state is None:
            start = shipped(session.plan, run) if run.start == SHIPPED else finished.get(run.start)
            state = train_run(session, run, start, seconds, save_every, finished)
        finished[run.name] = state
        # Later runs may have written better ones by the same name: what was exported once stays.
        made = [session.out / name for name in state.get("files", ())]
        if not made or not all(path.is_file() for path in made):
            made = export(session.plan, run, state)
            session.say(f"{run.name}: {', '.join(path.name for path in made)}")
            if not state["facts"]["broken"]:
                save_finished(session.out / run.name, {**state, "files": [path.name for path in made]})
        files += made
        if session.minutes is not None:
            took = time.monotonic() - begun
            # What closing this run took is kept for closing the next, and what it was late is taken off that.
            closing, late = max(closing, took - seconds), max(0.0, late + took - share)
    return files


def train_run(
    session: Session,
    run: RunPlan,
    start: dict[str, Any] | None,
    seconds: float,
    save_every: float = SAVE_EVERY,
    finished: Mapping[str, dict[str, Any]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Train one run to its end, from its checkpoint if there is one; returns what it made, which also lies on disk.

    `finished` has what earlier runs made, by name.
    """
    folder = session.out / run.name
    color = run.kind == "teacher"
    begun = time.monotonic()
    torch.manual_seed(run.seed)
    learner = _learner(session, run, start, finished, session.images("train", color))
    # By the clock, decoding is part of the run's time.
    clock = Clock(max(1.0, seconds - (time.monotonic() - begun)), run.steps)
    if load_checkpoint(folder, run, learner, clock):
        session.say(f"{run.name}: goes on at step {clock.step}")
    broken = ""
    try:
        drive(learner, clock, session.say, lambda: save_checkpoint(folder, run, learner, clock), save_every)
    except Exception as error:  # whatever it was, the time is spent, and what was learned can be used
        broken = f"{type(error).__name__}: {error}"
        session.say(f"{run.name} broke at step {clock.step}: {broken}")
    facts = {"steps": clock.step, "seconds": round(clock.elapsed, 1), "device": session.device.type, "broken": broken}
    state = {"plan": asdict(run), **_weights(learner), "facts": facts, "pack": session.card, "gains": {}}
    if broken:  # the same command goes on from its checkpoint
        return state
    # Before anything else can go wrong: these are what the time was spent on.
    save_finished(folder, state)
    half = math.inf if session.minutes is None else session.plan.closing / 2
    results = measure(*_validated(learner), session.images("val", color), session.plan.validation, half, run.only)
    for line in lines(results):
        session.say(line)
    state["gains"] = {name: asdict(gains) for name, gains in results.items()}
    save_finished(folder, state)
    return state


def _learner(
    session: Session,
    run: RunPlan,
    start: dict[str, Any] | None,
    finished: Mapping[str, dict[str, Any]],
    images: Resident,
) -> Learner:
    estimator = estimator_of(start)
    if run.kind != "teacher":
        labels = _labels(run, finished) if run.labels else None
        return Students(run, students_of(session.plan, run, start), estimator, images, labels)
    network = teacher_of(run, start)
    if run.encoder:
        session.say(f"{run.name}: {take_weights(network, run.encoder)} tensors from {run.encoder}")
    return TeacherLearner(run, network, estimator, images)


def _labels(run: RunPlan, finished: Mapping[str, dict[str, Any]]) -> ConditionedTeacher:
    """The teacher whose output is learned from: of a finished run, or a shipped one."""
    if run.labels in finished:
        state = finished[run.labels]
        return teacher_of(RunPlan(**state["plan"]), state)
    teacher = ConditionedTeacher()
    take_all_weights(teacher, run.labels)
    return teacher


def _weights(learner: Learner) -> dict[str, Any]:
    """The averaged networks on the CPU, by name."""
    if isinstance(learner, TeacherLearner):
        return {"teacher": _cpu(learner.average), "estimator": _cpu(learner.estimator)}
    assert isinstance(learner, Students)
    students = {pupil.name: _cpu(pupil.average) for pupil in learner.pupils}
    return {"students": students, "estimator": _cpu(learner.estimator_average)}


def _cpu(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}


def _validated(learner: Learner) -> tuple[dict[str, Restore], Any]:
    if isinstance(learner, TeacherLearner):
        teacher = learner.average
        return {learner.plan.name: lambda pixels, vectors, seen: teacher(pixels, vectors)}, learner.estimator
    assert isinstance(learner, Students)
    return {pupil.name: pupil.average for pupil in learner.pupils}, learner.estimator_average
