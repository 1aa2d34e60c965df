"""Trains a plan's runs in order, within the time there is; what one made is known to the next."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch

from sharpcli_training.data.call_frames import CallFrames
from sharpcli_training.data.call_index import holds_calls, read_calls
from sharpcli_training.data.degraded import Images
from sharpcli_training.data.pack_index import read_index
from sharpcli_training.data.resident import Resident
from sharpcli_training.fit.conditioned.budget import Budget
from sharpcli_training.fit.conditioned.clock import Clock
from sharpcli_training.fit.conditioned.learner import SAVE_EVERY, Learner, drive
from sharpcli_training.fit.conditioned.made import Made, averaged, untrained
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
from sharpcli_training.fit.conditioned.validation import BATCH, lines, measure
from sharpcli_training.fit.start import take_all_weights, take_weights
from sharpcli_training.fit.threads import keep_to_cores
from sharpcli_training.networks.conditioned_teacher import ConditionedTeacher

Export = Callable[[Path, Plan, RunPlan, dict[str, Any]], list[Path]]
"""Writes the files of what a run made to a folder."""
Say = Callable[[str], None]


class Session:
    """One call of `train run`: its device, its images, and the time it has."""

    def __init__(self, plan: Plan, pack: Path, out: Path, minutes: float | None, say: Say) -> None:
        self.plan, self.pack, self.out, self.say = plan, pack, out, say
        keep_to_cores()
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.calls = holds_calls(pack)
        self.card = (read_calls if self.calls else read_index)(pack)[0]
        self.minutes = minutes
        self._images: dict[tuple[str, bool], Images] = {}

    def images(self, split: str, color: bool) -> Images:
        """The pack's images of a split; only one set of training images lies on the device at a time."""
        key = (split, color)
        if key not in self._images:
            self._images = {known: images for known, images in self._images.items() if known[1] == color}
            if self.calls:
                self._images[key] = CallFrames.of(self.pack, split, self.device)
            else:
                self._images[key] = Resident.of(self.pack, split, color, self.device)
        return self._images[key]


def train_plan(session: Session, export: Export, save_every: float = SAVE_EVERY) -> list[Path]:
    """Make every run of the plan that is not finished, and export each as soon as it is; returns the exported files.

    A run that breaks is told of and exported as far as it came. Raises SharpError for a folder with runs of another
    plan.
    """
    torch.backends.cudnn.benchmark = True
    finished: dict[str, dict[str, Any]] = {}
    files: list[Path] = []
    budget = None if session.minutes is None else _budget(session, session.minutes, export)
    for run in session.plan.runs:
        ending = None
        state = load_finished(session.out / run.name, run)
        if state is None:
            learner = _learner(session, run, finished)
            seconds = budget.learning(run) if budget else run.seconds
            clock = Clock(seconds, run.steps, since=time.monotonic())
            broken = _train(session, run, learner, clock, save_every)
            ending = time.monotonic()
            state = _finish(session, run, learner, clock, broken)
            if budget:  # what an interrupted call spent on a run is spent
                budget.deadline -= clock.spent
        finished[run.name] = state
        # Later runs may have written better ones by the same name: what was exported once stays.
        made = [session.out / name for name in state.get("files", ())]
        if not made or not all(path.is_file() for path in made):
            made = export(session.out, session.plan, run, state)
            session.say(f"{run.name}: {', '.join(path.name for path in made)}")
            if not state["facts"]["broken"]:
                save_finished(session.out / run.name, {**state, "files": [path.name for path in made]})
        files += made
        if budget and ending is not None:
            budget.ended(run, time.monotonic() - ending)
    return files


def _budget(session: Session, minutes: float, export: Export) -> Budget:
    """The time for the runs that are not finished: of all minutes, what these would have of them."""
    plan = session.plan
    runs = [run for run in plan.runs if load_finished(session.out / run.name, run) is None]
    budget = Budget(60 * minutes * sum(run.seconds for run in runs) / sum(run.seconds for run in plan.runs), runs)
    batch = BATCH[session.device.type]
    for run in runs:
        made = untrained(plan, run, session.device)
        state = _state(session, run, made, Clock(0.0), "")
        images = session.images("val", run.kind == "teacher")
        budget.rehearse(
            run,
            partial(_export_to, export, plan, run, state),
            partial(measure, made.restores(), made.estimator, images, batch, only=run.only),
            math.ceil(plan.validation / batch),
            plan.closing / 2,
        )
    return budget


def _export_to(export: Export, plan: Plan, run: RunPlan, state: dict[str, Any], folder: Path) -> None:
    export(folder, plan, run, state)


def _train(session: Session, run: RunPlan, learner: Learner, clock: Clock, save_every: float) -> str:
    """Learn until the clock says that it is over, from the run's checkpoint if there is one; returns what broke it."""
    folder = session.out / run.name
    if load_checkpoint(folder, run, learner, clock):
        session.say(f"{run.name}: goes on at step {clock.step}")
    try:
        drive(learner, clock, session.say, lambda: save_checkpoint(folder, run, learner, clock), save_every)
    except Exception as error:  # whatever it was, the time is spent, and what was learned can be used
        broken = f"{type(error).__name__}: {error}"
        session.say(f"{run.name} broke at step {clock.step}: {broken}")
        return broken
    return ""


def _finish(session: Session, run: RunPlan, learner: Learner, clock: Clock, broken: str) -> dict[str, Any]:
    """Save and validate what a run learned; returns what lies on disk then."""
    folder = session.out / run.name
    made = averaged(learner)
    state = _state(session, run, made, clock, broken)
    if broken:  # the same command goes on from its checkpoint
        return state
    # Before anything else can go wrong: these are what the time was spent on.
    save_finished(folder, state)
    half = math.inf if session.minutes is None else session.plan.closing / 2
    images = session.images("val", run.kind == "teacher")
    results = measure(made.restores(), made.estimator, images, session.plan.validation, half, run.only)
    for line in lines(results):
        session.say(line)
    state["gains"] = {name: asdict(gains) for name, gains in results.items()}
    save_finished(folder, state)
    return state


def _state(session: Session, run: RunPlan, made: Made, clock: Clock, broken: str) -> dict[str, Any]:
    """What a run made."""
    facts = {"steps": clock.step, "seconds": round(clock.elapsed, 1), "device": session.device.type, "broken": broken}
    return {"plan": asdict(run), **made.weights(), "facts": facts, "pack": session.card, "gains": {}}


def _learner(session: Session, run: RunPlan, finished: Mapping[str, dict[str, Any]]) -> Learner:
    """What is to learn in a run, from where it starts; `finished` has what earlier runs made, by name."""
    start = shipped(session.plan, run) if run.start == SHIPPED else finished.get(run.start)
    images = session.images("train", run.kind == "teacher")
    torch.manual_seed(run.seed)
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
