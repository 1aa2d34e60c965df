"""Plans: several training runs in order, with their shares of the time, read from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_type_hints

from sharpcli.errors import SharpError
from sharpcli_training.data.degradation.restrict import ONLY
from sharpcli_training.settings import read_settings

KINDS = ("students", "int8", "teacher")
SHIPPED = "shipped"
"""A run's start: the weights that come with sharpcli."""


@dataclass(frozen=True)
class StudentPlan:
    """A student of the plan; the fields are the keys of a `[[student]]` table."""

    name: str
    """Of the exported files, to which INT8 adds `-int8`."""
    channels: int
    layers: int
    start: str = ""
    """Shipped weights, or an ONNX file, that a run with start `shipped` begins with; by default those of its name."""


@dataclass(frozen=True)
class RunPlan:
    """A run of the plan; the fields are the keys of a `[[run]]` table."""

    name: str
    kind: str
    """`students` (all of them and the estimator), `int8` (the students, quantised), or `teacher`."""
    seconds: float
    """Of learning; with `--minutes`, its share of them."""
    steps: int = 0
    """Steps instead of seconds, 0 for the clock: such a run comes out the same each time on a CPU."""
    start: str = ""
    """The earlier run to go on from, or `shipped` for the weights that come with sharpcli."""
    students: tuple[str, ...] = ()
    """Those of the plan's students that learn; all of them by default."""
    suffix: str = ""
    """Added to the names of the exported files, so that runs of the same networks can stand side by side."""
    labels: str = ""
    """Of students: the teacher to learn from as well, an earlier run or the name of a shipped one (distillation)."""
    labels_share: float = 0.7
    """Part of what students learn from that is the teacher's output; the rest is the original."""
    only: str = ""
    """Draw this degradation alone, for a specialist: a family, a kind of blur, or `x2`."""
    told: bool = True
    """Whether the networks get the vector; without it they are the blind control."""
    encoder: str = ""
    """Of a teacher: the ONNX file to take weights from, or the name of a shipped one."""
    peak_rate: float = 5e-3
    """Of the matrices: SOAP's for students, Muon's for a teacher."""
    vector_share: float = 0.4
    """Adam's part of that rate, for all that is no matrix."""
    estimator_rate: float = 2e-3
    """0 for an estimator that only looks."""
    batch: int = 128
    """Crops of a step on a GPU."""
    cpu_batch: int = 8
    """Crops of a step on a CPU, where a GPU's batch would take half a minute."""
    slope: float = 0.0
    """Of activations below zero while the run computes in its first precision; 0 afterwards."""
    exact_share: float = 0.15
    """Share of the steps, at the end, in float32; before, bfloat16 is used where it is fast."""
    finish_share: float = 0.3
    """Of a teacher: share of the steps, at the end, with the loss that students have all the time."""
    ema: float = 0.999
    """Decay of the running mean of the weights, which is what is validated and exported."""
    seed: int = 0
    blocks: int = 16
    """Of a teacher's trunk."""
    channels: int = 64
    """Of a teacher's trunk."""

    def networks(self, plan: Plan) -> tuple[StudentPlan, ...]:
        """The students that learn in this run."""
        return tuple(one for one in plan.students if one.name in self.students or not self.students)

    def crops(self, device: str) -> int:
        """The batch on a device of that type, `cpu` or `cuda`."""
        return self.cpu_batch if device == "cpu" else self.batch


@dataclass(frozen=True)
class Plan:
    """The students and the runs that make them."""

    students: tuple[StudentPlan, ...]
    runs: tuple[RunPlan, ...]
    estimator: str = "estimator"
    """Name of the exported estimator."""
    estimator_start: str = ""
    """As a student's `start`."""
    teacher: str = "teacher-deblur"
    """Name of the exported teacher."""
    closing: float = 8.0
    """Twice the seconds that validation of a run may take by the clock. What export takes is rehearsed."""
    validation: int = 768
    """Held-out crops to measure on."""


def load_plan(name: str) -> Plan:
    """The plan of that name or file; raises SharpError for what it does not know."""
    settings = read_settings("plans", "plan", name)
    students = tuple(_filled(StudentPlan, table, "student") for table in settings.pop("student", []))
    runs = tuple(_filled(RunPlan, table, "run") for table in settings.pop("run", []))
    plan: Plan = _filled(Plan, {**settings, "students": students, "runs": runs}, "plan")
    _check(plan)
    return plan


def _filled(kind: Any, table: Mapping[str, Any], what: str) -> Any:
    types = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in types:
            raise SharpError(f"a {what} has no setting {key!r}; it has {', '.join(types)}")
        wanted = types[key]
        number = wanted is float and type(value) is int
        if wanted == tuple[str, ...]:
            values[key] = _names(key, value)
            continue
        if wanted in (int, float, str, bool) and type(value) is not wanted and not number:
            raise SharpError(f"{key} of a {what} must be of type {wanted.__name__}, not {value!r}")
        values[key] = float(value) if number else value
    missing = [one.name for one in fields(kind) if one.default is MISSING and one.name not in values]
    if missing:
        raise SharpError(f"a {what} lacks {', '.join(missing)}")
    return kind(**values)


def _names(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise SharpError(f"{key} must be a list of names, not {value!r}")
    return tuple(value)


def _check(plan: Plan) -> None:
    if not plan.runs:
        raise SharpError("the plan has no [[run]]")
    known = {student.name for student in plan.students}
    before: dict[str, RunPlan] = {}
    for run in plan.runs:
        if run.kind not in KINDS:
            raise SharpError(f"kind of run {run.name!r} must be one of {', '.join(KINDS)}, not {run.kind!r}")
        if run.name in before:
            raise SharpError(f"two runs of the plan are called {run.name!r}")
        if run.start not in ("", SHIPPED, *before):
            raise SharpError(f"run {run.name!r} starts from {run.start!r}, which is no run before it")
        if not known.issuperset(run.students):
            raise SharpError(f"students of run {run.name!r} must be among {', '.join(sorted(known))}")
        if run.only not in ("", *ONLY):
            raise SharpError(f"only of run {run.name!r} must be one of {', '.join(ONLY)}, not {run.only!r}")
        if run.kind == "int8" and not run.start:
            raise SharpError(f"run {run.name!r} needs a run to start from")
        if run.kind != "teacher" and not plan.students:
            raise SharpError(f"run {run.name!r} needs a [[student]]")
        before[run.name] = run
